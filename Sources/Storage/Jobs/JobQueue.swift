import FoundationEssentials
import Kernel

/// The table of what is still to do. `JobWorker` does it.
package struct JobQueue: Sendable {
    /// Signalled by every commit that enqueues.
    package static let channel: Channel = "jobs"
    /// For the composition root's list.
    package static let schema = Schema(
        "jobs",
        tables: ["job", "job_schedule"],
        Migration(
            "1 create job",
            """
            CREATE TABLE job (
                id \(.serial), name \(.text) NOT NULL, payload \(.json) NOT NULL, run_at \(.date) NOT NULL,
                locked_until \(.date), attempts \(.int) NOT NULL DEFAULT 0, failed_at \(.date), last_error \(.text)
            ) \(.strict)
            """,
            "CREATE INDEX job_due ON job (run_at, id) WHERE failed_at IS NULL",
            "CREATE TABLE job_schedule (name \(.text) PRIMARY KEY, next_run_at \(.date) NOT NULL) \(.strict)"
        )
    )

    /// A job that this process has leased.
    package struct Claim: Decodable, Sendable {
        package let id: Int
        package let name: String
        package let payload: String
        package let attempts: Int
    }

    let database: Database

    package init(_ database: Database) { self.database = database }

    /// What `Job.enqueue` stands on, for those who have no type.
    package static func enqueue(_ tx: WriteTransaction, _ name: String, payload: String, at date: Date) throws {
        try tx.execute("INSERT INTO job \(values: ["name": name, "payload": payload, "run_at": date])")
        try tx.notify(Self.channel)
    }

    /// Takes the oldest due job and leases it, so that a crashed worker's job runs again. Workers of several servers
    /// step over each other's rows instead of waiting for them; SQLite has one writer and needs no such thing.
    /// - `names`: those this process can do; `nil` for all.
    package func claim(now: Date, lease: TimeInterval = 300, names: [String]? = nil) async throws -> Claim? {
        // Not `list:`: the names are always the same ones, and the statement is worth keeping.
        let mine: SQL = names.map { "AND name IN (\(SQL.joined($0.map { "\($0)" }, ", ")))" } ?? ""
        if names?.isEmpty == true { return nil }
        return try await self.database.write(.eachStatement) { tx in
            try tx.one(
                Claim.self,
                """
                UPDATE job SET locked_until = \(now + lease), attempts = attempts + 1
                WHERE id = (
                    SELECT id FROM job
                    WHERE failed_at IS NULL AND run_at <= \(now) AND (locked_until IS NULL OR locked_until < \(now)) \(mine)
                    ORDER BY run_at, id LIMIT 1 \(postgres: "FOR UPDATE SKIP LOCKED")
                )
                RETURNING id, name, payload, attempts
                """
            )
        }
    }

    /// Says no when the lease ran out and someone else has taken the job since.
    package func finish(_ job: Claim) async throws -> Bool {
        try await self.change("DELETE FROM job", job)
    }

    /// For work that takes longer than its lease. Says no like `finish`.
    package func renew(_ job: Claim, now: Date, lease: TimeInterval = 300) async throws -> Bool {
        try await self.change("UPDATE job SET locked_until = \(now + lease)", job)
    }

    /// Back into the queue as if it had not been taken: the process stops.
    package func release(_ job: Claim) async throws -> Bool {
        try await self.change("UPDATE job SET locked_until = NULL, attempts = attempts - 1", job)
    }

    /// Again in two minutes, then four, eight …; after the last attempt it is kept and shown.
    /// - `error`: the name of the error's type. What an error says may be a person's.
    package func fail(_ job: Claim, _ error: String, now: Date, maximumAttempts: Int) async throws -> Bool {
        if job.attempts < maximumAttempts {
            let next = now + 60 * Double(1 << min(job.attempts, 16))
            return try await self.change(
                "UPDATE job SET locked_until = NULL, run_at = \(next), last_error = \(error)",
                job
            )
        }
        // The day only: it stays for long, and a moment may give away when somebody reported.
        let day = Day(now).start
        return try await self.change(
            "UPDATE job SET locked_until = NULL, run_at = \(day), failed_at = \(day), last_error = \(error)",
            job
        )
    }

    private func change(_ change: SQL, _ job: Claim) async throws -> Bool {
        try await self.database.write(.eachStatement) { tx in
            try tx.execute("\(change) WHERE id = \(job.id) AND attempts = \(job.attempts)") == 1
        }
    }
}
