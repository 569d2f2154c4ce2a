import Kernel

/// What somebody does on the desk. What a role may do is decided where the rooms are put together.
package enum Role: String, Codable, CaseIterable, Sendable {
    case intake
    case analyst
    /// Key-holder: grants keys, approves.
    case senior
    /// Cleared for the child-protection channel.
    case childProtection = "child-protection"
    case legal
    case statistician
    /// Reads the log and nothing else.
    case auditor
    /// Invites and disables people; has no key and reads no report.
    case administrator
}

extension Role {
    /// Who has one of these approves what others ask for.
    package static let approving: Set<Role> = [.senior, .administrator]

    /// Who administers has no key: the two may not meet in one person.
    static func areApart(_ roles: some Sequence<Role>) -> Bool {
        let roles = Array(roles)
        return !roles.contains(.administrator) || Staff.units(for: roles).isEmpty
    }

    /// What a form says, without doubles, in the order of `allCases`.
    static func read(_ raw: [String], _ input: inout InputReader) -> [Role] {
        let chosen = raw.compactMap(Role.init(rawValue:))
        if chosen.isEmpty || chosen.count != raw.count { input.refuse("roles", "error.choose") }
        if !Self.areApart(chosen) { input.refuse("roles", "error.roles-apart") }
        return Self.allCases.filter(chosen.contains)
    }
}
