import Foundation
import Kernel
import Storage
import Vault

/// A signed-in member of staff, for the length of one request.
package struct StaffSession: Sendable {
    package let principal: Principal
    package let roles: [Role]
    /// A second factor was shown within the last ten minutes: needed for what two people decide.
    package let isFresh: Bool
    package let startedAt: Date
    let tokenHash: String
    let box: PrivateBox
}

extension Identity {
    /// One answer for a wrong address, a wrong password, a wrong code and a disabled account.
    package struct Refused: Error {}

    private static let freshness: TimeInterval = 10 * 60
    /// Tries from one network at one account in a quarter of an hour, and at all accounts. Counted with the network so
    /// that nobody can lock others out by failing in their name.
    private static let window = 15 * 60
    private static let triesAtAccount = 10
    private static let triesOfNetwork = 50

    private struct Credentials: Decodable {
        let id: Identifier<Principal>
        let name: String
        @JSON var roles: [Role]
        let state: Staff.State
        let salt: Data?
        let verifier: Data?
        let sealedKey: Data?
        let totp: Data?
        let totpCounter: Int64?
    }

    /// - Parameters:
    ///   - code: of the second factor, or a recovery code, which is used up.
    ///   - network: pseudonym of where the try comes from; never an address.
    /// - Throws: `Refused`; `DomainError.rateLimited`; `Overloaded`.
    package func signIn(email: String, password: String, code: String, network: String) async throws -> SecretToken {
        let now = self.clock.now()
        let address = email.trimmed.lowercased()
        let account = Digest.sha256Hex(Data(address.utf8)).prefix(16)
        let pair = "\(account)/\(network)"
        let (atAccount, ofNetwork) = try await self.database.write(.eachStatement) { tx in
            (
                try Counters.hit(tx, "sign-in", subject: pair, window: Self.window, now: now),
                try Counters.hit(tx, "sign-in-network", subject: network, window: Self.window, now: now)
            )
        }
        if atAccount > Self.triesAtAccount || ofNetwork > Self.triesOfNetwork {
            throw DomainError.rateLimited(retryAfter: Counters.secondsLeft(window: Self.window, now: now))
        }
        // What cannot be an address is nobody's; a zero byte would even be an error of the database.
        let parsed = EmailAddress(address)?.rawValue ?? ""
        let known = try await self.database.read { tx in
            try tx.one(
                Credentials.self,
                """
                SELECT id, name, roles, state, salt, verifier, sealed_key, totp, totp_counter FROM staff
                WHERE email = \(parsed)
                """
            )
        }
        // An unknown address costs the same hash.
        let salt = known?.salt ?? Data(repeating: 0, count: 16)
        let keys = try await self.derivation.staff(password: String(password.prefix(1024)), salt: salt)
        guard let known, known.state == .active, let verifier = known.verifier, let sealedKey = known.sealedKey,
            let sealedSecret = known.totp, Digest.constantTimeEqual(verifier, keys.verifier)
        else { throw Refused() }
        let secret = try self.serverKey.open(sealedSecret, SealContext("totp", "\(known.id)"))
        let last = known.totpCounter.map { UInt64($0) }
        let counter = TOTP.matchingCounter(code, secret: secret, now: now, after: last)
        let recovery = counter == nil ? RecoveryCodes.hash(code) : nil
        guard counter != nil || recovery != nil else { throw Refused() }
        let box = try PrivateBox.open(sealedKey, under: keys.key, Self.staffKeyContext(known.id))
        return try await self.startSession(of: known.id, box, now) { tx in
            // Each code once, whichever of two simultaneous sign-ins comes first.
            let used =
                if let counter {
                    try tx.execute(
                        "UPDATE staff SET totp_counter = \(Int64(counter)) WHERE id = \(known.id) AND totp_counter < \(Int64(counter))"
                    )
                } else {
                    try tx.execute(
                        "DELETE FROM recovery_code WHERE staff_id = \(known.id) AND hash = \(recovery ?? "")"
                    )
                }
            guard used == 1 else { throw Refused() }
            try Counters.reset(tx, "sign-in", subject: pair)
        }
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

    private struct SessionRow: Decodable {
        let staffId: Identifier<Principal>
        let name: String
        @JSON var roles: [Role]
        let startedAt: Date
        let seenAt: Date
        let freshUntil: Date
        let sealedKey: Data
    }

    /// The session a cookie belongs to; `nil` when it has ended or the account is disabled.
    package func resume(_ token: SecretToken) async throws -> StaffSession? {
        let now = self.clock.now()
        let row = try await self.database.read { tx in
            try tx.one(
                SessionRow.self,
                """
                SELECT staff_id, name, roles, started_at, seen_at, fresh_until, staff_session.sealed_key
                FROM staff_session JOIN staff ON staff.id = staff_session.staff_id
                WHERE token_hash = \(token.hash) AND state = 'active'
                  AND started_at > \(now - Self.absoluteLimit) AND seen_at > \(now - Self.idleLimit)
                """
            )
        }
        guard let row else { return nil }
        // Once a minute is exact enough for a limit of thirty, and spares a write for every page.
        if now.timeIntervalSince(row.seenAt) > 60 {
            try await self.database.write { tx in
                try tx.execute("UPDATE staff_session SET seen_at = \(now) WHERE token_hash = \(token.hash)")
            }
        }
        return StaffSession(
            principal: Principal(id: row.staffId, name: row.name, permissions: self.permissions(of: row.roles)),
            roles: row.roles,
            isFresh: row.freshUntil > now,
            startedAt: row.startedAt,
            tokenHash: token.hash,
            box: try PrivateBox.open(
                row.sealedKey,
                under: token.contentKey("session"),
                Self.staffKeyContext(row.staffId)
            )
        )
    }

    package func signOut(_ session: StaffSession) async throws {
        let today = self.clock.today()
        try await self.database.write { tx in
            try tx.execute("DELETE FROM staff_session WHERE token_hash = \(session.tokenHash)")
            try self.audit.record(
                tx,
                actor: "\(session.principal.id)",
                action: "identity.signed-out",
                subject: "\(session.principal.id)",
                day: today
            )
        }
    }
}

extension Identity {
    /// The tour's way in: password without second factor, only in an installation that was made as a demonstration.
    package func signInToDemonstration(email: String, password: String) async throws -> SecretToken {
        guard self.isDemonstration else { throw DomainError.forbidden }
        let known = try await self.database.read { tx in
            try tx.one(
                Credentials.self,
                """
                SELECT id, name, roles, state, salt, verifier, sealed_key, totp, totp_counter FROM staff
                WHERE email = \(email)
                """
            )
        }
        guard let known, known.state == .active, let salt = known.salt, let verifier = known.verifier,
            let sealedKey = known.sealedKey
        else { throw Refused() }
        let keys = try await self.derivation.staff(password: password, salt: salt)
        guard Digest.constantTimeEqual(verifier, keys.verifier) else { throw Refused() }
        let box = try PrivateBox.open(sealedKey, under: keys.key, Self.staffKeyContext(known.id))
        return try await self.startSession(of: known.id, box, self.clock.now()) { _ in }
    }
}
