import GRDB
import GRDBSQLite

/// One file, many readers, one writer. The pool's queues are the only threads that touch it.
final class SQLiteEngine: Engine {
    let dialect = SQL.Dialect.sqlite
    let signals = Signals()
    private let pool: DatabasePool

    init(path: String, durability: Database.Durability) throws {
        self.pool = try DatabasePool(path: path, configuration: Self.configuration)
        // Not in the configuration: the pool says NORMAL after having asked it, and a power cut would undo commits
        // that were acknowledged.
        try self.pool.writeWithoutTransaction { db in
            try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
            try Self.refuse(db, synchronous: durability == .full ? "2" : "1")
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await Self.translated { try await self.pool.read { try body(SQLiteSession($0)) } }
    }

    func write<T: Sendable>(
        _: Isolation,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T {
        let (result, channels) = try await Self.translated {
            try await self.pool.write { db in
                let session = SQLiteSession(db)
                return (try body(session), session.channels)
            }
        }
        for channel in channels { self.signals.post(channel) }
        return result
    }

    func health() async throws -> [String: String] {
        try await Self.translated {
            try await self.pool.writeWithoutTransaction { db in
                var health = ["engine": "SQLite", "version": String(cString: sqlite3_libversion())]
                for name in Self.reported { health[name] = try Self.pragma(name, db) }
                return health
            }
        }
    }

    /// By the writer's connection: no other one may ever checkpoint (SQLite before 3.51.3 can lose pages then).
    func checkpoint() async throws {
        try await Self.translated { try await self.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
    }

    /// Reading connections do it, so that nobody waits meanwhile.
    func backup(to path: String) async throws {
        try NewFile.create(path)
        do {
            try await Self.translated {
                try await self.pool.unsafeRead { try $0.execute(sql: "VACUUM INTO ?", arguments: [path]) }
            }
            try NewFile.synchronize(path)
        } catch {
            NewFile.remove(path)
            throw error
        }
    }

    func close() throws { try self.pool.close() }

    /// A deferred constraint fails in the commit, outside of any statement.
    private static func translated<T>(_ body: () async throws -> T) async throws -> T {
        do { return try await body() } catch let error as DatabaseError { throw StorageError(error) }
    }
}
