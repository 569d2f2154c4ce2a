import Foundation
import Kernel
import Storage
import Vault

extension Identity {
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
            try self.record(tx, "identity.signed-out", by: session, about: session.principal.id, day: today)
        }
    }

    private struct ListedRow: Decodable {
        let tokenHash: String
        let startedAt: Date
        let seenAt: Date
    }

    /// The person's own sessions that have not ended, the newest first.
    package func sessions(of session: StaffSession) async throws -> [OpenSession] {
        let (id, now) = (session.principal.id, self.clock.now())
        let rows = try await self.database.read { tx in
            try tx.all(
                ListedRow.self,
                """
                SELECT token_hash, started_at, seen_at FROM staff_session WHERE staff_id = \(id)
                  AND started_at > \(now - Self.absoluteLimit) AND seen_at > \(now - Self.idleLimit)
                ORDER BY started_at DESC, token_hash
                """
            )
        }
        return rows.map { row in
            OpenSession(
                id: Self.listed(row.tokenHash),
                startedAt: row.startedAt,
                seenAt: Date(timeIntervalSince1970: (row.seenAt.timeIntervalSince1970 / 60).rounded(.down) * 60),
                isThis: row.tokenHash == session.tokenHash
            )
        }
    }

    /// Ends another of the person's own sessions.
    /// - Parameter listed: as `sessions` names it.
    /// - Throws: `notFound` for somebody else's, for one that has ended, and for the one that asks (`signOut` ends it).
    package func endSession(_ listed: String, by session: StaffSession) async throws {
        let (id, today) = (session.principal.id, self.clock.today())
        try await self.database.write { tx in
            let hashes = try tx.values(
                String.self,
                "SELECT token_hash FROM staff_session WHERE staff_id = \(id) AND token_hash <> \(session.tokenHash)"
            )
            guard let hash = hashes.first(where: { Self.listed($0) == listed }) else { throw DomainError.notFound }
            try tx.execute("DELETE FROM staff_session WHERE token_hash = \(hash)")
            try self.record(tx, "identity.session-ended", by: session, about: id, day: today)
        }
    }

    /// All of the person's own sessions but this one.
    package func endOtherSessions(by session: StaffSession) async throws {
        let (id, today) = (session.principal.id, self.clock.today())
        try await self.database.write { tx in
            let count = try tx.execute(
                "DELETE FROM staff_session WHERE staff_id = \(id) AND token_hash <> \(session.tokenHash)"
            )
            guard count > 0 else { return }
            try self.record(
                tx,
                "identity.session-ended",
                by: session,
                about: id,
                ["count": String(count)],
                day: today
            )
        }
    }

    private static func listed(_ tokenHash: String) -> String { String(tokenHash.prefix(16)) }

    /// Gives a session another token, as at every change of what it may do. The moment it began stays: nobody outstays
    /// the absolute limit by changing a password.
    /// - Throws: `conflict("identity.session-ended")` when it has ended meanwhile.
    func renew(
        _ session: StaffSession,
        as token: SecretToken,
        _ sealedKey: Data,
        freshUntil: Date? = nil,
        _ now: Date,
        _ tx: WriteTransaction
    ) throws {
        let fresh: SQL = freshUntil.map { ", fresh_until = \($0)" } ?? ""
        let count = try tx.execute(
            """
            UPDATE staff_session SET token_hash = \(token.hash), sealed_key = \(sealedKey), seen_at = \(now)\(fresh)
            WHERE token_hash = \(session.tokenHash)
            """
        )
        guard count == 1 else { throw DomainError.conflict("identity.session-ended") }
    }

    /// An entry about what somebody signed in does.
    func record(
        _ tx: WriteTransaction,
        _ action: String,
        by session: StaffSession,
        about id: Identifier<Principal>,
        _ detail: [String: String] = [:],
        day: Day
    ) throws {
        try self.audit.record(
            tx,
            actor: "\(session.principal.id)",
            action: action,
            subject: "\(id)",
            detail: detail,
            day: day
        )
    }
}
