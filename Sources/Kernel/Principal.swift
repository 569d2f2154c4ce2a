/// A signed-in member of staff, reduced to what authorisation needs.
package struct Principal: Hashable, Sendable {
    package let id: Identifier<Principal>
    package let name: String
    package let permissions: Set<Permission>

    package init(id: Identifier<Principal>, name: String, permissions: Set<Permission>) {
        self.id = id
        self.name = name
        self.permissions = permissions
    }

    package func may(_ permission: Permission) -> Bool { self.permissions.contains(permission) }

    /// The first line of every front-door method that is not for everybody.
    package func require(_ permission: Permission) throws(DomainError) {
        guard self.permissions.contains(permission) else { throw .forbidden }
    }
}

/// Each capability extends this with its own: `extension Permission { static let triage = Self("casework.triage") }`.
package struct Permission: RawRepresentable, Hashable, Codable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }
}
