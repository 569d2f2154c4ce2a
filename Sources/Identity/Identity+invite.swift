import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    private struct CarriedKey: Codable {
        let unit: DeskUnit
        let version: Int
        let sealed: Data
    }

    func insertInvited(
        _ email: EmailAddress,
        name: String,
        _ roles: [Role],
        _ token: SecretToken,
        _ unitKeys: Data?,
        id: Identifier<Principal>? = nil,
        _ now: Date,
        _ tx: WriteTransaction
    ) throws {
        let id = id ?? .ordered(at: now)
        try tx.execute(
            """
            INSERT INTO staff \(values: [
                "id": id, "email": email.rawValue.lowercased(), "name": name, "roles": JSON(roles), "state": "invited",
                "created_at": now,
            ])
            """
        )
        try tx.execute(
            """
            INSERT INTO invitation \(values: [
                "token_hash": token.hash, "staff_id": id, "expires_at": now + Self.invitationLifetime,
                "unit_keys": unitKeys,
            ])
            """
        )
    }

    /// Invites somebody. A key-holder's invitation carries the keys of the units the roles need; anybody else's guest
    /// waits for a key until a key-holder grants it. Roles that approve what others ask for (`Role.approving`) become a
    /// request that a second person decides, or one person could make the second.
    /// - Throws: `InputErrors` for `email`, `name` and `roles`; `forbidden`; `conflict("identity.not-fresh")`.
    package func invite(
        email: String?,
        name: String?,
        roles: [String],
        by session: StaffSession
    ) async throws -> SecretToken {
        let guest = try Guest(email: email, name: name, roles: roles)
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }
        try self.requireFresh(session)
        let given = guest.roles.filter { !Role.approving.contains($0) }
        let asked = guest.roles.filter(Role.approving.contains)

        let token = SecretToken.random()
        var carried: Data?
        if session.principal.may(.grantKeys) {
            let wanted = Staff.units(for: given)
            let keys = try await self.versionedUnitKeys(session).filter { wanted.contains($0.0) }
            carried = keys.isEmpty ? nil : try self.carry(keys, under: token)
        }
        let unitKeys = carried
        let now = self.clock.now()
        let id = Identifier<Principal>.ordered(at: now)
        let requestID = Identifier<RoleRequest>.ordered(at: now)
        try await self.refusingTakenAddress { tx in
            try self.insertInvited(guest.email, name: guest.name, given, token, unitKeys, id: id, now, tx)
            try self.record(tx, "identity.invited", by: session, about: id, Self.named(given), day: Day(now))
            if !asked.isEmpty { try self.insert(requestID, asked, for: id, by: session, now, tx) }
        }
        return token
    }

    /// Invites somebody on behalf of who runs the server, from the command line. Carries no key.
    /// - Throws: `InputErrors` for `email`, `name` and `roles`.
    package func inviteBySystem(email: String?, name: String?, roles: [String]) async throws -> SecretToken {
        let guest = try Guest(email: email, name: name, roles: roles)
        let token = SecretToken.random()
        let now = self.clock.now()
        let id = Identifier<Principal>.ordered(at: now)
        try await self.refusingTakenAddress { tx in
            try self.insertInvited(guest.email, name: guest.name, guest.roles, token, nil, id: id, now, tx)
            try self.audit.record(
                tx,
                actor: "system",
                action: "identity.invited",
                subject: "\(id)",
                detail: Self.named(guest.roles),
                day: Day(now)
            )
        }
        return token
    }

    private func refusingTakenAddress(_ body: @escaping @Sendable (WriteTransaction) throws -> Void) async throws {
        do { try await self.database.write(.serial, body) } catch StorageError.unique(let name)
            where name == "staff_email_key"
        {
            throw InputErrors("error.email-taken", for: "email")
        }
    }

    static func named(_ roles: [Role]) -> [String: String] {
        roles.isEmpty ? [:] : ["roles": roles.map(\.rawValue).joined(separator: " ")]
    }

    func carry(_ keys: [(DeskUnit, Int, PrivateBox)], under token: SecretToken) throws -> Data {
        let key = token.contentKey("invitation")
        let carried = keys.map { unit, version, box in
            CarriedKey(
                unit: unit,
                version: version,
                sealed: box.sealed(under: key, SealContext("carried-key", unit.rawValue))
            )
        }
        return try JSONEncoder().encode(carried)
    }

    func carried(_ data: Data, under token: SecretToken) throws -> [(DeskUnit, Int, PrivateBox)] {
        let key = token.contentKey("invitation")
        return try JSONDecoder().decode([CarriedKey].self, from: data).map {
            (
                $0.unit, $0.version,
                try PrivateBox.open($0.sealed, under: key, SealContext("carried-key", $0.unit.rawValue))
            )
        }
    }

    /// Which units' keys an invitation carries.
    static func carriedUnits(_ data: Data) throws -> [DeskUnit] {
        try JSONDecoder().decode([CarriedKey].self, from: data).map(\.unit)
    }
}
