import Storage

extension Database {
    /// Completes the address with `connect_timeout=5`, `keepalives_idle=30` and, for a server on another machine,
    /// `sslmode=verify-full`; refuses a weaker mode there unless it says `allow_insecure=1` as well.
    /// - `url`: `postgres://user:password@host:port/database?…` or libpq's `host=… dbname=…`.
    /// - `connections`: how many this process may open; one more listens for signals.
    /// - `patience`: seconds that a transaction waits for a connection before it fails with `.busy`.
    package static func postgres(
        _ url: String,
        connections: Int = 10,
        patience: Double = 10
    ) async throws -> Database {
        let settings = try PostgresSettings(url)
        return Database(engine: try await PostgresEngine(settings, connections: connections, patience: patience))
    }
}
