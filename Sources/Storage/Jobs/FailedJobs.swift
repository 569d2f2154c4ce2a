import FoundationEssentials

/// What a person sees of the jobs, and can do about those that were given up.
extension JobQueue {
    /// Without the payload, which may be personal.
    package struct Failed: Decodable, Sendable {
        package let id: Int
        package let name: String
        package let attempts: Int
        /// The beginning of the day.
        package let failedAt: Date
        /// The name of the error's type.
        package let lastError: String?
    }

    /// For the health page.
    package struct Backlog: Decodable, Sendable, Equatable {
        /// Due, whether somebody is at it or not.
        package let due: Int
        package let waiting: Int
        package let failed: Int
    }

    /// The newest first.
    package static func failed(_ tx: ReadTransaction, limit: Int = 100) throws -> [Failed] {
        try tx.all(
            Failed.self,
            """
            SELECT id, name, attempts, failed_at, last_error FROM job WHERE failed_at IS NOT NULL
            ORDER BY failed_at DESC, id DESC LIMIT \(limit)
            """
        )
    }

    /// Starts over with all attempts. Says no when there is no such failed job.
    @discardableResult
    package static func retry(_ tx: WriteTransaction, id: Int, at date: Date) throws -> Bool {
        let changed = try tx.execute(
            """
            UPDATE job SET failed_at = NULL, attempts = 0, run_at = \(date) WHERE id = \(id) AND failed_at IS NOT NULL
            """
        )
        try tx.notify(Self.channel)
        return changed == 1
    }

    /// Gives it up for good. Says no when there is no such failed job.
    @discardableResult
    package static func discard(_ tx: WriteTransaction, id: Int) throws -> Bool {
        try tx.execute("DELETE FROM job WHERE id = \(id) AND failed_at IS NOT NULL") == 1
    }

    /// Cheap enough for a health page that is asked every few seconds.
    package static func backlog(_ tx: ReadTransaction, now: Date) throws -> Backlog {
        try tx.one(
            Backlog.self,
            """
            SELECT count(*) FILTER (WHERE failed_at IS NULL AND run_at <= \(now)) AS due,
                count(*) FILTER (WHERE failed_at IS NULL AND run_at > \(now)) AS waiting,
                count(*) FILTER (WHERE failed_at IS NOT NULL) AS failed
            FROM job
            """
        ) ?? Backlog(due: 0, waiting: 0, failed: 0)
    }
}
