import Foundation
import Kernel
import Storage
import Vault

/// Shown once, at the end of an acceptance.
package struct Enrolment: Sendable {
    package let recoveryCodes: [String]
    /// Opens the private key when the password is lost.
    package let recoveryKey: String
}

extension Identity {
    private struct InvitationRow: Decodable {
        let staffId: Identifier<Principal>
        let unitKeys: Data?
    }

    /// Who a link invites; `nil` when it has expired or was used.
    package func invited(_ token: SecretToken) async throws -> Staff? {
        let now = self.clock.now()
        return try await self.database.read { tx in
            guard let row = try self.invitation(token, now, tx) else { return nil }
            return try tx.one(Staff.self, "SELECT \(Staff.columns) FROM staff WHERE id = \(row.staffId)")
        }
    }

    private func invitation(_ token: SecretToken, _ now: Date, _ tx: ReadTransaction) throws -> InvitationRow? {
        try tx.one(
            InvitationRow.self,
            "SELECT staff_id, unit_keys FROM invitation WHERE token_hash = \(token.hash) AND expires_at > \(now)"
        )
    }

    /// Sets the password and the second factor, makes the person's key pair, and takes over the keys that the
    /// invitation carries. The link is used up.
    /// - Parameter secret: of the second factor, as shown to the person.
    package func accept(
        _ token: SecretToken,
        name: String?,
        password: String?,
        secret: Data,
        code: String?
    ) async throws -> Enrolment {
        guard let staff = try await self.invited(token) else { throw DomainError.notFound }
        let now = self.clock.now()
        var input = InputReader()
        let name = input.text("name", name, length: 2...80)
        let password = password ?? ""
        PasswordPolicy(ownWords: [staff.email, name ?? ""]).check(password, &input)
        let counter = TOTP.matchingCounter(code ?? "", secret: secret, now: now, after: nil)
        if counter == nil { input.refuse("code", "error.totp") }
        try input.finish()
        guard let counter, let name else { throw DomainError.invalid(input.errors) }

        let salt = KeyDerivation.newSalt()
        let keys = try await self.derivation.staff(password: password, salt: salt)
        let box = PrivateBox.generate(.xwing)
        let recoveryKey = RecoveryKey.random()
        let recoveryCodes = RecoveryCodes.make()
        let sealedKey = box.sealed(under: keys.key, Self.staffKeyContext(staff.id))
        let recoverySealed = box.sealed(under: recoveryKey.contentKey, Self.recoveryContext(staff.id))
        let totp = self.serverKey.seal(secret, Self.totpContext(staff.id))

        try await self.database.write { tx in
            guard let row = try self.invitation(token, now, tx) else { throw DomainError.notFound }
            try tx.execute(
                """
                UPDATE staff SET name = \(name), state = 'active', kdf = \(Int(keys.version)), salt = \(salt),
                    verifier = \(keys.verifier), box = \(box.publicBox.encoded), sealed_key = \(sealedKey),
                    recovery_sealed_key = \(recoverySealed), totp = \(totp), totp_counter = \(Int64(counter))
                WHERE id = \(staff.id)
                """
            )
            try tx.execute("DELETE FROM invitation WHERE staff_id = \(staff.id)")
            try Self.replaceRecoveryCodes(recoveryCodes, of: staff.id, tx)
            if let data = row.unitKeys {
                for (unit, version, unitKey) in try self.carried(data, under: token) {
                    try Self.grant(unit, version, unitKey, to: staff.id, box.publicBox, tx)
                }
            }
            try self.audit.record(
                tx,
                actor: "\(staff.id)",
                action: "identity.accepted",
                subject: "\(staff.id)",
                day: Day(now)
            )
        }
        return Enrolment(recoveryCodes: recoveryCodes, recoveryKey: recoveryKey.text)
    }

    static func grantContext(_ id: Identifier<Principal>, _ unit: DeskUnit, _ version: Int) -> SealContext {
        SealContext("unit-key", "\(id)", unit.rawValue, String(version))
    }

    static func grant(
        _ unit: DeskUnit,
        _ version: Int,
        _ unitKey: PrivateBox,
        to id: Identifier<Principal>,
        _ box: PublicBox,
        _ tx: WriteTransaction
    ) throws {
        let wrap = try box.wrap(unitKey, Self.grantContext(id, unit, version))
        try tx.execute(
            """
            INSERT INTO staff_unit_key \(values: ["staff_id": id, "unit": unit.rawValue, "version": version, "wrap": wrap])
            ON CONFLICT (staff_id, unit) DO UPDATE SET version = excluded.version, wrap = excluded.wrap
            """
        )
    }
}
