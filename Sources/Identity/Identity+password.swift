import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// Another password for the same private key. Ends the person's other sessions.
    /// - Returns: the new token of this session.
    /// - Throws: `InputErrors` for `current` and `new`; `conflict("identity.not-fresh")`; `DomainError.rateLimited`;
    ///   `Overloaded`.
    package func changePassword(
        current: String?,
        new: String?,
        by session: StaffSession
    ) async throws -> SecretToken {
        try self.requireFresh(session)
        let now = self.clock.now()
        try await self.countProof(of: session, now)
        let known = try await self.credentials(of: session)
        let (current, new) = (current ?? "", new ?? "")
        var input = InputReader()
        if current.isEmpty { input.refuse("current", "error.required") }
        PasswordPolicy(ownWords: [known.email, known.name]).check(new, &input, field: "new")
        if !new.isEmpty, new == current { input.refuse("new", "error.password-same") }
        try input.finish()
        guard let box = try await self.opened(known, with: current) else {
            throw InputErrors("error.password-current", for: "current")
        }

        let salt = KeyDerivation.newSalt()
        let keys = try await self.derivation.staff(password: new, salt: salt)
        let sealedKey = box.sealed(under: keys.key, Self.staffKeyContext(known.id))
        let token = SecretToken.random()
        let sealedForSession = box.sealed(under: token.contentKey("session"), Self.staffKeyContext(known.id))
        try await self.database.write { tx in
            // Only in place of the password that was checked: of two changes at once the second is undone.
            let count = try tx.execute(
                """
                UPDATE staff SET kdf = \(Int(keys.version)), salt = \(salt), verifier = \(keys.verifier),
                    sealed_key = \(sealedKey)
                WHERE id = \(known.id) AND verifier = \(known.verifier)
                """
            )
            guard count == 1 else { throw DomainError.conflict("identity.session-ended") }
            try self.renew(session, as: token, sealedForSession, now, tx)
            try tx.execute("DELETE FROM staff_session WHERE staff_id = \(known.id) AND token_hash <> \(token.hash)")
            try Self.forgiveProofs(of: session, tx)
            try self.record(tx, "identity.password-changed", by: session, about: known.id, day: Day(now))
        }
        return token
    }
}
