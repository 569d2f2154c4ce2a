import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// The second factor once more, without the password: what follows within ten minutes may change who may do what.
    /// In a demonstration, whose invented staff have no authenticator, an empty code passes.
    /// - Returns: the new token of this session.
    /// - Throws: `InputErrors` for `code`; `DomainError.rateLimited`.
    package func showFactor(_ code: String?, for session: StaffSession) async throws -> SecretToken {
        let now = self.clock.now()
        try await self.countProof(of: session, now)
        let known = try await self.credentials(of: session)
        let code = (code ?? "").trimmed
        let factor = try self.factor(code, of: known, now)
        guard factor != nil || (self.isDemonstration && code.isEmpty) else {
            throw InputErrors("error.totp", for: "code")
        }
        let token = SecretToken.random()
        let sealed = session.box.sealed(under: token.contentKey("session"), Self.staffKeyContext(known.id))
        do {
            try await self.database.write { tx in
                if let factor { try Self.use(factor, of: known.id, tx) }
                try self.renew(session, as: token, sealed, freshUntil: now + Self.freshness, now, tx)
                try Self.forgiveProofs(of: session, tx)
                try self.record(tx, "identity.factor-shown", by: session, about: known.id, day: Day(now))
            }
        } catch is Refused {
            throw InputErrors("error.totp", for: "code")
        }
        return token
    }

    /// Another authenticator in place of the one there is, for instance on a new telephone.
    /// - Parameters:
    ///   - secret: as shown to the person.
    ///   - code: what the new one shows.
    /// - Throws: `InputErrors` for `code`; `conflict("identity.not-fresh")`; `DomainError.rateLimited`.
    package func replaceFactor(secret: Data, code: String?, by session: StaffSession) async throws {
        try self.requireFresh(session)
        let (id, now) = (session.principal.id, self.clock.now())
        try await self.countProof(of: session, now)
        guard let counter = TOTP.matchingCounter(code ?? "", secret: secret, now: now, after: nil) else {
            throw InputErrors("error.totp", for: "code")
        }
        let sealed = self.serverKey.seal(secret, Self.totpContext(id))
        try await self.database.write { tx in
            try tx.execute(
                "UPDATE staff SET totp = \(sealed), totp_counter = \(Int64(counter)) WHERE id = \(id) AND state = 'active'"
            )
            try Self.forgiveProofs(of: session, tx)
            try self.record(tx, "identity.factor-replaced", by: session, about: id, day: Day(now))
        }
    }

    /// New recovery codes and a new recovery key in place of the old ones, which open nothing any more.
    /// - Throws: `conflict("identity.not-fresh")`.
    package func renewRecovery(by session: StaffSession) async throws -> Enrolment {
        try self.requireFresh(session)
        let (id, today) = (session.principal.id, self.clock.today())
        let codes = RecoveryCodes.make()
        let key = RecoveryKey.random()
        let sealed = session.box.sealed(under: key.contentKey, Self.recoveryContext(id))
        try await self.database.write { tx in
            try tx.execute("UPDATE staff SET recovery_sealed_key = \(sealed) WHERE id = \(id)")
            try Self.replaceRecoveryCodes(codes, of: id, tx)
            try self.record(tx, "identity.recovery-renewed", by: session, about: id, day: today)
        }
        return Enrolment(recoveryCodes: codes, recoveryKey: key.text)
    }

    static func replaceRecoveryCodes(
        _ codes: [String],
        of id: Identifier<Principal>,
        _ tx: WriteTransaction
    ) throws {
        try tx.execute("DELETE FROM recovery_code WHERE staff_id = \(id)")
        for code in codes {
            try tx.execute(
                "INSERT INTO recovery_code \(values: ["staff_id": id, "hash": RecoveryCodes.hash(code) ?? ""])"
            )
        }
    }
}
