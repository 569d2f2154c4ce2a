import Foundation
import Kernel
import Storage
import Vault

/// The links that a real installation's first start prints.
package struct FirstLinks: Sendable {
    package let administrator: SecretToken
    package let keyHolder: SecretToken
}

extension Identity {
    private struct CarriedKey: Codable {
        let unit: DeskUnit
        let version: Int
        let sealed: Data
    }

    /// The key pairs of all units, made once. Their private halves leave this function only sealed under the first
    /// key-holder's one-time link.
    /// - Returns: `nil` when the installation has been started before.
    package func firstStart(administrator: EmailAddress, keyHolder: EmailAddress) async throws -> FirstLinks? {
        let now = self.clock.now()
        let pairs = DeskUnit.allCases.map { ($0, PrivateBox.generate(.xwing)) }
        let links = FirstLinks(administrator: .random(), keyHolder: .random())
        let carried = try self.carry(pairs.map { ($0, 1, $1) }, under: links.keyHolder)
        return try await self.database.write { tx in
            guard try tx.value(Int.self, "SELECT count(*) FROM unit_key") == 0 else { return nil }
            for (unit, pair) in pairs {
                try tx.execute(
                    "INSERT INTO unit_key \(values: ["unit": unit.rawValue, "version": 1, "box": pair.publicBox.encoded])"
                )
            }
            try self.insertInvited(
                administrator,
                name: "Administrator",
                [.administrator],
                links.administrator,
                nil,
                now,
                tx
            )
            try self.insertInvited(
                keyHolder,
                name: "Key-holder",
                [.senior, .childProtection],
                links.keyHolder,
                carried,
                now,
                tx
            )
            try self.audit.record(
                tx,
                actor: "system",
                action: "identity.first-start",
                subject: "installation",
                day: Day(now)
            )
            return links
        }
    }

    private func insertInvited(
        _ email: EmailAddress,
        name: String,
        _ roles: [Role],
        _ token: SecretToken,
        _ unitKeys: Data?,
        _ now: Date,
        _ tx: WriteTransaction
    ) throws {
        let id = Identifier<Principal>.ordered(at: now)
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
    /// waits for a key until a key-holder grants it.
    package func invite(
        email: String?,
        name: String?,
        roles: [String],
        by session: StaffSession
    ) async throws -> SecretToken {
        var input = InputReader()
        let address = input.optional("email", email, message: "error.email", EmailAddress.init(_:)).flatMap(\.self)
        if address == nil, input.errors.isEmpty { input.refuse("email", "error.required") }
        let name = input.text("name", name, length: 2...80)
        let chosen = roles.compactMap(Role.init(rawValue:))
        if chosen.isEmpty || chosen.count != roles.count { input.refuse("roles", "error.choose") }
        // Who administers has no key: the two may not meet in one person.
        let wanted = Staff.units(for: chosen)
        if chosen.contains(.administrator), !wanted.isEmpty { input.refuse("roles", "error.roles-apart") }
        try input.finish()
        guard let address, let name else { throw DomainError.invalid(input.errors) }
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }

        let token = SecretToken.random()
        var carried: Data?
        if session.principal.may(.grantKeys) {
            let keys = try await self.versionedUnitKeys(session).filter { wanted.contains($0.0) }
            carried = keys.isEmpty ? nil : try self.carry(keys, under: token)
        }
        let unitKeys = carried
        let now = self.clock.now()
        do {
            try await self.database.write { tx in
                try self.insertInvited(address, name: name, chosen, token, unitKeys, now, tx)
                try self.audit.record(
                    tx,
                    actor: "\(session.principal.id)",
                    action: "identity.invited",
                    subject: "staff",
                    detail: ["roles": chosen.map(\.rawValue).joined(separator: " ")],
                    day: Day(now)
                )
            }
        } catch StorageError.unique(let name) where name == "staff_email_key" {
            throw InputErrors("error.email-taken", for: "email")
        }
        return token
    }

    private func carry(_ keys: [(DeskUnit, Int, PrivateBox)], under token: SecretToken) throws -> Data {
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
}
