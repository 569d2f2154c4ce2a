import FoundationEssentials

/// How often something was tried, counted for all servers together: sign-ins, receipt codes. The subject is a keyed hash
/// of an account or of a network, never an address.
package enum Counters {
    /// For the composition root's list.
    package static let schema = Schema(
        "counters",
        tables: ["rate_counter"],
        Migration(
            "1 create rate_counter",
            """
            CREATE TABLE rate_counter (
                name \(.text) NOT NULL, subject \(.text) NOT NULL, window_start \(.date) NOT NULL,
                count \(.int) NOT NULL, PRIMARY KEY (name, subject, window_start)
            ) \(.strict)
            """,
            "CREATE INDEX rate_counter_window_start ON rate_counter (window_start)"
        )
    )

    /// Counts one more. In a transaction of its own, `write(.eachStatement)`: what is counted stays counted when the
    /// attempt fails, and nobody collides.
    /// - Returns: the number in the current window, this one included.
    package static func hit(
        _ tx: WriteTransaction,
        _ name: String,
        subject: String,
        window: Int,
        now: Date
    ) throws -> Int {
        try tx.value(
            Int.self,
            """
            INSERT INTO rate_counter (name, subject, window_start, count)
            VALUES (\(name), \(subject), \(Self.start(window, now)), 1)
            ON CONFLICT (name, subject, window_start) DO UPDATE SET count = rate_counter.count + 1 RETURNING count
            """
        )!
    }

    /// Without counting.
    package static func count(
        _ tx: ReadTransaction,
        _ name: String,
        subject: String,
        window: Int,
        now: Date
    ) throws -> Int {
        try tx.value(
            Int.self,
            """
            SELECT count FROM rate_counter
            WHERE name = \(name) AND subject = \(subject) AND window_start = \(Self.start(window, now))
            """
        ) ?? 0
    }

    /// After a success: earlier mistakes are forgiven.
    package static func reset(_ tx: WriteTransaction, _ name: String, subject: String) throws {
        try tx.execute("DELETE FROM rate_counter WHERE name = \(name) AND subject = \(subject)")
    }

    /// Seconds until the window ends and counting starts anew.
    package static func secondsLeft(window: Int, now: Date) -> Int {
        max(1, Int((Self.start(window, now) + Double(window)).timeIntervalSince(now).rounded(.up)))
    }

    /// - Returns: how many rows went.
    @discardableResult
    package static func purge(_ tx: WriteTransaction, before date: Date) throws -> Int {
        try tx.execute("DELETE FROM rate_counter WHERE window_start < \(date)")
    }

    private static func start(_ window: Int, _ now: Date) -> Date {
        Date(timeIntervalSince1970: (now.timeIntervalSince1970 / Double(window)).rounded(.down) * Double(window))
    }
}
