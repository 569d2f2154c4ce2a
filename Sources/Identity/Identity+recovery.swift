import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// A lost password, with the recovery key and the second factor: the same private key under a new password. Ends all
    /// of the person's sessions; the recovery key is used up. Costs what a sign-in costs and counts as one.
    /// - Parameters:
    ///   - code: of the second factor, or a recovery code, which is used up.
    ///   - network: pseudonym of where the try comes from; never an address.
    /// - Returns: the next recovery key, to be shown once.
    /// - Throws: `InputErrors` for `password`, which say nothing about the account before it is proved; `Refused`;
    ///   `DomainError.rateLimited`; `Overloaded`.
    package func recover(
        email: String,
        recoveryKey: String,
        code: String,
        newPassword: String?,
        network: String
    ) async throws -> String {
        let now = self.clock.now()
        let address = email.trimmed.lowercased()
        try Self.checkNew(newPassword, [address])
        let pair = try await self.countTry(at: address, from: network, now)
        let known = try await self.credentials(email: address)
        // Before anything is compared, so that every try takes as long.
        let salt = KeyDerivation.newSalt()
        let keys = try await self.derivation.staff(password: newPassword ?? "", salt: salt)
        guard let known, known.state == .active, let sealed = known.recoverySealedKey,
            let typed = RecoveryKey(typed: recoveryKey),
            let box = try? PrivateBox.open(sealed, under: typed.contentKey, Self.recoveryContext(known.id)),
            let factor = try self.factor(code, of: known, now)
        else { throw Refused() }
        try Self.checkNew(newPassword, [address, known.name])

        let sealedKey = box.sealed(under: keys.key, Self.staffKeyContext(known.id))
        let next = RecoveryKey.random()
        let nextSealed = box.sealed(under: next.contentKey, Self.recoveryContext(known.id))
        try await self.database.write { tx in
            try Self.use(factor, of: known.id, tx)
            // Each recovery key once, whichever of two simultaneous tries comes first.
            let count = try tx.execute(
                """
                UPDATE staff SET kdf = \(Int(keys.version)), salt = \(salt), verifier = \(keys.verifier),
                    sealed_key = \(sealedKey), recovery_sealed_key = \(nextSealed)
                WHERE id = \(known.id) AND state = 'active' AND recovery_sealed_key = \(sealed)
                """
            )
            guard count == 1 else { throw Refused() }
            try tx.execute("DELETE FROM staff_session WHERE staff_id = \(known.id)")
            try Self.forgiveTries(pair, tx)
            try self.audit.record(
                tx,
                actor: "\(known.id)",
                action: "identity.recovered",
                subject: "\(known.id)",
                day: Day(now)
            )
        }
        return next.text
    }

    private static func checkNew(_ password: String?, _ ownWords: [String]) throws(InputErrors) {
        var input = InputReader()
        PasswordPolicy(ownWords: ownWords).check(password ?? "", &input)
        try input.finish()
    }
}
