import Storage

/// What the server promises, and what we refuse to run without.
enum PostgresHealth {
    private struct Setting: Decodable { let name, value: String }

    static func read(_ tx: ReadTransaction) throws -> [String: String] {
        var health = ["engine": "PostgreSQL"]
        let settings: SQL = """
            SELECT name, setting AS value FROM pg_settings WHERE name IN (
                'server_version', 'fsync', 'full_page_writes', 'synchronous_commit', 'synchronous_standby_names',
                'server_encoding'
            )
            UNION ALL SELECT 'connection', coalesce((
                SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl
            ), 'not encrypted')
            """
        for setting in try tx.all(Setting.self, settings) {
            health[setting.name == "server_version" ? "version" : setting.name] = setting.value
        }
        return health
    }

    /// The same promises as SQLite's: on disk when acknowledged, text compared byte by byte.
    static func refuseUnsafe(_ tx: ReadTransaction) throws {
        let unsafe: SQL = """
            SELECT name || '=' || setting FROM pg_settings
            WHERE (name IN ('fsync', 'full_page_writes') AND setting = 'off')
               OR (name = 'synchronous_commit' AND setting IN ('off', 'local'))
               OR (name = 'server_encoding' AND setting <> 'UTF8')
               OR (name = 'server_version_num' AND CAST(setting AS INTEGER) < 140000)
            """
        let found = try tx.values(String.self, unsafe)
        if !found.isEmpty { throw StorageError.unavailable("unsafe server: \(found.joined(separator: ", "))") }
    }
}
