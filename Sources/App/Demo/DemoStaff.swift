import Foundation
import Identity
import Kernel
import Vault

/// Invented people who work in a demonstration. They are made the way real ones are: invited, with a password, a second
/// factor and keys of their own. Their passwords lie in the demonstration's data folder.
struct DemoStaff: Codable, Sendable {
    struct Account: Codable, Sendable {
        let role: Role
        let email: String
        let password: String
    }

    /// Shown on the tour, in this order.
    static let roles: [Role] = [.analyst, .senior, .childProtection, .administrator, .auditor]

    private static let names: [Role: String] = [
        .analyst: "Salma Fictive", .senior: "Idir Fictif", .administrator: "Nadia Fictive", .auditor: "Omar Fictif",
        .childProtection: "Hind Fictive",
    ]

    let accounts: [Account]

    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static func open(_ house: House, links: FirstLinks?, folder: String) async throws -> DemoStaff {
        let file = URL(fileURLWithPath: "\(folder)/demo-staff.json")
        guard let links else {
            guard let data = try? Data(contentsOf: file) else {
                throw Missing(description: "\(file.path) is missing; delete the demonstration's folder and start again")
            }
            return try JSONDecoder().decode(DemoStaff.self, from: data)
        }
        var accounts = [
            try await self.accept(links.keyHolder, .senior, house),
            try await self.accept(links.administrator, .administrator, house),
        ]
        let keyHolder = try await self.session(accounts[0], house.identity)
        for role in [Role.analyst, .childProtection, .auditor] {
            let link = try await house.identity.invite(
                email: "\(role.rawValue)@demo.example",
                name: Self.names[role],
                roles: [role.rawValue],
                by: keyHolder
            )
            accounts.append(try await self.accept(link, role, house))
        }
        let staff = DemoStaff(accounts: accounts)
        let data = try JSONEncoder().encode(staff)
        guard FileManager.default.createFile(atPath: file.path, contents: data, attributes: [.posixPermissions: 0o600])
        else {
            throw Missing(description: "\(file.path) cannot be written")
        }
        return staff
    }

    func enter(_ role: Role, _ identity: Identity) async throws -> SecretToken {
        guard let account = self.accounts.first(where: { $0.role == role }) else { throw DomainError.notFound }
        return try await identity.signInToDemonstration(email: account.email, password: account.password)
    }

    static func session(_ account: Account, _ identity: Identity) async throws -> StaffSession {
        let token = try await identity.signInToDemonstration(email: account.email, password: account.password)
        guard let session = try await identity.resume(token) else { throw DomainError.notFound }
        return session
    }

    private static func accept(_ link: SecretToken, _ role: Role, _ house: House) async throws -> Account {
        guard let invited = try await house.identity.invited(link) else { throw DomainError.notFound }
        let password = "\(SecretToken.random().text.prefix(30))"
        let secret = TOTP.newSecret()
        let counter = UInt64(house.environment.clock.now().timeIntervalSince1970) / 30
        _ = try await house.identity.accept(
            link,
            name: Self.names[role],
            password: password,
            secret: secret,
            code: TOTP.code(secret: secret, counter: counter)
        )
        return Account(role: role, email: invited.email, password: password)
    }
}
