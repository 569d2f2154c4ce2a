import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// A new invitation for somebody who has an account but neither password nor recovery key, or whose link has expired.
    /// The account begins anew: new key pair, new second factor, no unit key until a key-holder grants it. So an
    /// administrator, who could open the new account's link, reads nothing by it.
    /// - Throws: `forbidden`; `notFound`; `conflict` with `identity.not-oneself`, `identity.not-fresh` or
    ///   `identity.last-key-holder`.
    package func reissue(_ id: Identifier<Principal>, by session: StaffSession) async throws -> SecretToken {
        guard session.principal.may(.manageStaff) || session.principal.may(.grantKeys) else {
            throw DomainError.forbidden
        }
        if id == session.principal.id { try await self.refuseAlone("identity.reissued", id, session) }
        try session.principal.require(.manageStaff)
        try self.requireFresh(session)
        let token = SecretToken.random()
        let now = self.clock.now()
        try await self.database.write { tx in
            guard let staff = try Self.staff(id, tx), staff.state != .disabled else { throw DomainError.notFound }
            try self.requireOthers(than: staff, losing: Set(staff.roles), tx)
            try tx.execute(
                """
                UPDATE staff SET state = 'invited', kdf = NULL, salt = NULL, verifier = NULL, box = NULL,
                    sealed_key = NULL, recovery_sealed_key = NULL, totp = NULL, totp_counter = NULL
                WHERE id = \(id)
                """
            )
            for table in ["staff_session", "staff_unit_key", "recovery_code", "invitation"] {
                try tx.execute("DELETE FROM \(raw: table) WHERE staff_id = \(id)")
            }
            try tx.execute(
                """
                INSERT INTO invitation \(values: [
                    "token_hash": token.hash, "staff_id": id, "expires_at": now + Self.invitationLifetime,
                ])
                """
            )
            try self.record(tx, "identity.reissued", by: session, about: id, day: Day(now))
        }
        return token
    }
}
