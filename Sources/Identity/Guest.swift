import Kernel

/// Somebody to be invited, as a form or a command names them.
struct Guest: Sendable {
    let email: EmailAddress
    let name: String
    let roles: [Role]

    init(email: String?, name: String?, roles: [String]) throws {
        var input = InputReader()
        let address = input.optional("email", email, message: "error.email", EmailAddress.init(_:)).flatMap(\.self)
        if address == nil, input.errors.isEmpty { input.refuse("email", "error.required") }
        let name = input.text("name", name, length: 2...80)
        self.roles = Role.read(roles, &input)
        try input.finish()
        guard let address, let name else { throw DomainError.invalid(input.errors) }
        self.email = address
        self.name = name
    }
}
