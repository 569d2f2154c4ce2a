import GRDB
import GRDBSQLite
import Glibc
import Synchronization

/// One file, many readers, one writer. The pool's queues are the only threads that touch it.
final class SQLiteEngine: Engine {
    let dialect = SQL.Dialect.sqlite
    let signals = Signals()
    private let pool: DatabasePool
    private let rehearses: Bool
    private let hasFailed = Atomic(false)

    init(path: String, durability: Database.Durability, rehearses: Bool) throws {
        self.rehearses = rehearses
        // For our eyes only; SQLite gives its other files the same mode. Never opened by us when it is there: closing
        // it again would take away the locks of whoever uses it in this process.
        if access(path, F_OK) != 0 { try? NewFile.create(path) }
        self.pool = try Self.translated { try DatabasePool(path: path, configuration: Self.configuration) }
        // Not in the configuration: the pool says NORMAL after having asked it, and a power cut would undo commits
        // that were acknowledged.
        try Self.translated {
            try self.pool.writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA synchronous = \(durability.rawValue)")
                try Self.refuse(db, synchronous: durability == .full ? "2" : "1")
            }
        }
    }

    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T {
        try await self.stopping { try await self.pool.read { try body(SQLiteSession($0)) } }
    }

    func write<T: Sendable>(
        _ isolation: Isolation,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T {
        let (result, channels) = try await self.stopping {
            try await self.pool.write { db in
                // Not `.eachStatement`: PostgreSQL practically never repeats it.
                if self.rehearses, isolation == .serial {
                    try db.inSavepoint {
                        _ = try body(SQLiteSession(db))
                        return .rollback
                    }
                }
                let session = SQLiteSession(db)
                return (try body(session), session.channels)
            }
        }
        for channel in channels { self.signals.post(channel) }
        return result
    }

    func health() async throws -> [String: String] {
        try await self.stopping {
            try await self.pool.writeWithoutTransaction { db in
                var health = ["engine": "SQLite", "version": String(cString: sqlite3_libversion())]
                for name in Self.reported { health[name] = try Self.pragma(name, db) }
                return health
            }
        }
    }

    /// By the writer's connection: no other one may ever checkpoint (SQLite before 3.51.3 can lose pages then).
    func checkpoint() async throws {
        try await self.stopping { try await self.pool.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) } }
    }

    /// Reading connections do it, so that nobody waits meanwhile.
    func backup(to path: String) async throws {
        try NewFile.create(path)
        do {
            try await self.stopping {
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
    private static func translated<T>(_ body: () throws -> T) throws -> T {
        do { return try body() } catch let error as DatabaseError { throw StorageError(error) }
    }

    /// After a failed write or sync nothing is known about what is on disk, and asking again may be answered wrongly:
    /// the kernel reports a page that it could not write only once. The server has to begin anew from the file.
    private func stopping<T>(_ body: () async throws -> T) async throws -> T {
        if self.hasFailed.load(ordering: .relaxed) { throw Self.failed }
        do { return try await body() } catch let error as DatabaseError {
            throw self.note(StorageError(error))
        } catch let error as StorageError { throw self.note(error) }
    }

    private func note(_ error: StorageError) -> StorageError {
        guard error.isDamage else { return error }
        self.hasFailed.store(true, ordering: .relaxed)
        return Self.failed
    }

    private static let failed = StorageError.unavailable("the disk failed or the file is damaged: restart the server")
}
