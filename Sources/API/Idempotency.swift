import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import Storage
import Vault

/// `Idempotency-Key`: what was done once is not done again when a client that got no answer asks again. Kept are a hash,
/// the status and the id of what was made, never what was sent or answered; times are no finer than the rest of what a
/// reporter causes.
package struct Idempotency: Sendable {
    package static let schema = Schema(
        "api",
        tables: ["idempotency"],
        Migration(
            "1 create idempotency",
            """
            CREATE TABLE idempotency (
                hash \(.text) PRIMARY KEY,
                status \(.int),
                resource \(.text),
                span \(.int),
                day \(.text) NOT NULL,
                CONSTRAINT idempotency_done_or_claimed CHECK ((status IS NULL) = (resource IS NULL)
                    AND (status IS NULL) = (span IS NOT NULL))
            ) \(.strict)
            """,
            "CREATE INDEX idempotency_day ON idempotency (day)"
        )
    )

    struct Outcome: Sendable {
        let status: HTTPResponse.Status
        let resource: String
        let isReplay: Bool
    }

    private struct Row: Decodable {
        let status: Int?
        let resource: String?
        let span: Int?
    }

    /// A claim whose request never ended, because the server stopped, lapses after 10 to 20 minutes.
    private static let span: Double = 600

    private let database: Database
    private let clock: Clock

    init(database: Database, clock: Clock) {
        self.database = database
        self.clock = clock
    }

    /// Runs `work`, or gives back what it gave the first time within a day.
    /// - Parameters:
    ///   - principal: whose key it is; the same key of somebody else is another.
    ///   - operation: the same key at another operation is another.
    ///   - work: returns the status and the id of what was made.
    /// - Throws: 409 while the first request is still at work, 400 for an unusable key. What `work` throws frees the key.
    func once(
        _ request: Request,
        principal: String,
        operation: String,
        _ work: () async throws -> (HTTPResponse.Status, String)
    ) async throws -> Outcome {
        guard let key = request.headers[.idempotencyKey] else {
            let (status, resource) = try await work()
            return Outcome(status: status, resource: resource, isReplay: false)
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) else {
            throw Failure(.badParameter, names: ["Idempotency-Key"])
        }
        let hash = Digest.sha256Hex(Data([principal, operation, key].joined(separator: "\n").utf8))
        if let known = try await self.claim(hash) { return known }
        do {
            let (status, resource) = try await work()
            try await self.database.write { tx in
                try tx.execute(
                    """
                    UPDATE idempotency SET status = \(status.code), resource = \(resource), span = \(Int?.none)
                    WHERE hash = \(hash)
                    """
                )
            }
            return Outcome(status: status, resource: resource, isReplay: false)
        } catch {
            _ = try? await self.database.write { tx in
                try tx.execute("DELETE FROM idempotency WHERE hash = \(hash) AND status IS NULL")
            }
            throw error
        }
    }

    private func claim(_ hash: String) async throws -> Outcome? {
        let now = self.clock.now()
        let (today, span) = (Day(now), Int(now.timeIntervalSince1970 / Self.span))
        return try await self.database.write(.eachStatement) { tx in
            try tx.execute("DELETE FROM idempotency WHERE day < \(today + -1)")
            let claimed = try tx.execute(
                """
                INSERT INTO idempotency (hash, span, day) VALUES (\(hash), \(span), \(today))
                ON CONFLICT (hash) DO UPDATE SET span = excluded.span, day = excluded.day
                WHERE idempotency.status IS NULL AND idempotency.span < \(span - 1)
                """
            )
            if claimed == 1 { return nil }
            let row = try tx.one(Row.self, "SELECT status, resource, span FROM idempotency WHERE hash = \(hash)")
            guard let row, let status = row.status, let resource = row.resource else { throw Failure(.inProgress) }
            return Outcome(status: HTTPResponse.Status(code: status), resource: resource, isReplay: true)
        }
    }
}
