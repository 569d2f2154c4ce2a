import GRDB

/// What we ask of SQLite beyond its defaults, and what we refuse to run without.
extension SQLiteEngine {
    /// `trusted_schema` stays on: Debian's 3.40 refuses FTS5 otherwise, and the schema comes from our migrations only.
    static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.maximumReaderCount = 8
        configuration.prepareDatabase { db in
            // LIKE as in PostgreSQL; also lets an index answer LIKE 'abc%'.
            try db.execute(sql: "PRAGMA case_sensitive_like = ON")
            // What is deleted is overwritten with zeros, not left in free pages.
            try db.execute(sql: "PRAGMA secure_delete = ON")
            // Damage is found when a page is read, not after it was followed.
            try db.execute(sql: "PRAGMA cell_size_check = ON")
            try db.execute(sql: "PRAGMA mmap_size = 0")
        }
        return configuration
    }

    /// Going over to the log needs the file alone, and SQLite does not wait for that as it does for everything else.
    static func open(
        _ path: String,
        _ durability: Database.Durability,
        rehearses: Bool
    ) async throws -> SQLiteEngine {
        for _ in 1...100 {
            do {
                return try SQLiteEngine(path: path, durability: durability, rehearses: rehearses)
            } catch StorageError.busy { try await Task.sleep(for: .milliseconds(50)) }
        }
        return try SQLiteEngine(path: path, durability: durability, rehearses: rehearses)
    }

    static let reported = [
        "journal_mode", "synchronous", "foreign_keys", "secure_delete", "cell_size_check", "mmap_size", "busy_timeout",
        "trusted_schema", "wal_autocheckpoint",
    ]

    /// `nil` when SQLite says nothing: it does not know the name, or was built without.
    static func pragma(_ name: String, _ db: GRDB.Database) throws -> String? {
        try String.fetchOne(db, sql: "PRAGMA \(name)")
    }

    /// Asked of the writing connection, because setting a PRAGMA that does not apply is not an error.
    static func refuse(_ db: GRDB.Database, synchronous: String) throws {
        let promised = [
            ("journal_mode", "wal"), ("synchronous", synchronous), ("foreign_keys", "1"), ("secure_delete", "1"),
            ("cell_size_check", "1"),
        ]
        for (name, value) in promised {
            let found = try Self.pragma(name, db) ?? "nothing"
            if found != value { throw StorageError.unavailable("SQLite's \(name) is \(found) instead of \(value)") }
        }
    }
}
