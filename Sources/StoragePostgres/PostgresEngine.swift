import Dispatch
import Glibc
import Storage

/// Several servers, one database. Transactions are serializable, so that code that is right on SQLite is right here.
final class PostgresEngine: Engine {
    let dialect = SQL.Dialect.postgres
    let signals = Signals()
    private let pool: PostgresPool
    private let listener: PostgresListener

    init(_ settings: PostgresSettings, connections: Int, patience: Double) async throws {
        let patience = DispatchTimeInterval.milliseconds(Int(patience * 1000))
        self.pool = PostgresPool(settings, limit: connections, patience: patience)
        self.listener = PostgresListener(settings, self.signals)
        do {
            try await self.pool.run { try PostgresHealth.refuseUnsafe(ReadTransaction($0)) }
        } catch {
            self.pool.close()
            throw error
        }
        try await self.listener.start()
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await self.transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", body)
    }

    func write<T: Sendable>(
        _ isolation: Isolation,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T {
        let level = isolation == .serial ? "SERIALIZABLE" : "READ COMMITTED"
        return try await self.transaction("BEGIN ISOLATION LEVEL \(level)", body)
    }

    func health() async throws -> [String: String] {
        try await self.read { try PostgresHealth.read(ReadTransaction($0)) }
    }

    func checkpoint() {}

    func backup(to path: String) throws { throw StorageError.misuse("a PostgreSQL database is saved by pg_dump") }

    func close() {
        self.listener.stop()
        self.pool.close()
    }

    /// Again on the same thread while the transaction collides with others, a little later each time.
    private func transaction<T: Sendable>(
        _ begin: String,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T {
        try await self.pool.run { connection in
            var attempt = 0
            var turns: Set<String> = []
            while true {
                do { return try Self.once(begin, turns.sorted(), connection, body) } catch let conflict as Conflict {
                    turns.formUnion(connection.wanted)
                    attempt += 1
                    if attempt == 20 { throw StorageError.busy(conflict.message) }
                    if conflict.isOutdated { try connection.reset() }
                    usleep(.random(in: 0...(500 << min(attempt, 8))))
                }
            }
        }
    }

    private static func once<T>(
        _ begin: String,
        _ turns: [String],
        _ connection: PostgresConnection,
        _ body: (any Session) throws -> T
    ) throws -> T {
        let result: T
        do {
            try connection.begin(begin, turns: turns)
            result = try body(connection)
        } catch {
            if connection.isUsable { try connection.simple("ROLLBACK") }
            throw error
        }
        do {
            let tag = try connection.simple("COMMIT")
            if tag != "COMMIT" { throw StorageError.misuse("an error was swallowed, nothing was stored") }
        } catch StorageError.unavailable(let message) {
            throw StorageError.outcomeUnknown(message)
        }
        return result
    }
}
