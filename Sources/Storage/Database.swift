/// The one door to stored data. Closures may run more than once (PostgreSQL asks for it when transactions collide),
/// so they do nothing but talk to the transaction.
package struct Database: Sendable {
    /// Engines of other targets bring their own way in: `Database.postgres(_:connections:)`.
    package enum Location: Sendable {
        /// Path of the file. A rehearsing engine runs every closure twice, undoing the first run: what PostgreSQL
        /// does when transactions collide, so that a test on SQLite finds closures that cannot stand it.
        case sqlite(String, durability: Durability = .full, rehearses: Bool = false)
    }

    /// Whether a commit that was acknowledged survives a power cut.
    package enum Durability: String, Sendable { case full = "FULL", normal = "NORMAL" }

    /// Behind everything here.
    package let engine: any Engine

    /// For engines; everybody else opens.
    package init(engine: any Engine) { self.engine = engine }

    /// Refuses to open what would not keep the promises of durability.
    package static func open(_ location: Location) async throws -> Database {
        switch location {
        case .sqlite(let path, let durability, let rehearses):
            Database(engine: try await SQLiteEngine.open(path, durability, rehearses: rehearses))
        }
    }

    /// For the few who have to know.
    package var dialect: SQL.Dialect { self.engine.dialect }

    /// A snapshot: all statements see the same state, nothing can be changed, and nobody waits for anybody.
    package func read<T: Sendable>(
        _ body: @escaping @Sendable (ReadTransaction) throws -> T
    ) async throws -> T {
        try await self.engine.read { session in
            let transaction = ReadTransaction(session)
            return try ReadTransaction.run(transaction) { try body(transaction) }
        }
    }

    /// As if no one else were writing: all or nothing, and durable when it returns.
    @discardableResult
    package func write<T: Sendable>(
        _ isolation: Isolation = .serial,
        _ body: @escaping @Sendable (WriteTransaction) throws -> T
    ) async throws -> T {
        try await self.engine.write(isolation) { session in
            let transaction = WriteTransaction(session)
            return try ReadTransaction.run(transaction) { try body(transaction) }
        }
    }

    /// Look into the database once before waiting: signals sent earlier are not repeated.
    package func signals(_ channel: Channel) -> AsyncStream<Void> { self.engine.signals.stream(channel) }

    /// Engine, version and the settings that durability rests on, as the running connections have them.
    package func health() async throws -> [String: String] { try await self.engine.health() }

    /// Moves what was committed from SQLite's log into its file. Nothing on PostgreSQL, which does so itself.
    package func checkpoint() async throws { try await self.engine.checkpoint() }

    /// A consistent copy in a new file that only we may read, on disk when it returns. Only SQLite: `pg_dump` is
    /// PostgreSQL's way, and `.misuse` says so.
    package func backup(to path: String) async throws { try await self.engine.backup(to: path) }

    /// Transactions that have begun end first.
    package func close() async throws { try await self.engine.close() }
}
