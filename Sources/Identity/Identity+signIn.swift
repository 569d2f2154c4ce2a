import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// - Parameters:
    ///   - code: of the second factor, or a recovery code, which is used up.
    ///   - network: pseudonym of where the try comes from; never an address.
    /// - Throws: `Refused`; `DomainError.rateLimited`; `Overloaded`.
    package func signIn(email: String, password: String, code: String, network: String) async throws -> SecretToken {
        let now = self.clock.now()
        let address = email.trimmed.lowercased()
        let pair = try await self.countTry(at: address, from: network, now)
        let known = try await self.credentials(email: address)
        guard let box = try await self.opened(known, with: password), let known,
            let factor = try self.factor(code, of: known, now)
        else { throw Refused() }
        return try await self.startSession(of: known.id, box, now) { tx in
            try Self.use(factor, of: known.id, tx)
            try Self.forgiveTries(pair, tx)
        }
    }

    /// The tour's way in: password without second factor, only in an installation that was made as a demonstration.
    package func signInToDemonstration(email: String, password: String) async throws -> SecretToken {
        guard self.isDemonstration else { throw DomainError.forbidden }
        guard let known = try await self.credentials(email: email),
            let box = try await self.opened(known, with: password)
        else { throw Refused() }
        return try await self.startSession(of: known.id, box, self.clock.now()) { _ in }
    }

    private func startSession(
        of id: Identifier<Principal>,
        _ box: PrivateBox,
        _ now: Date,
        _ before: @escaping @Sendable (WriteTransaction) throws -> Void
    ) async throws -> SecretToken {
        let token = SecretToken.random()
        let sealed = box.sealed(under: token.contentKey("session"), Self.staffKeyContext(id))
        try await self.database.write { tx in
            try before(tx)
            try tx.execute(
                "DELETE FROM staff_session WHERE started_at < \(now - Self.absoluteLimit) OR seen_at < \(now - Self.idleLimit)"
            )
            try tx.execute(
                """
                INSERT INTO staff_session \(values: [
                    "token_hash": token.hash, "staff_id": id, "started_at": now, "seen_at": now,
                    "fresh_until": now + Self.freshness, "sealed_key": sealed,
                ])
                """
            )
            try self.audit.record(tx, actor: "\(id)", action: "identity.signed-in", subject: "\(id)", day: Day(now))
        }
        return token
    }
}
