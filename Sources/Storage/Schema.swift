import FoundationEssentials

/// One step of a capability's schema. Never edited after its release.
package struct Migration: Sendable {
    let name: String
    let statements: [SQL]

    package init(_ name: String, _ statements: SQL...) { (self.name, self.statements) = (name, statements) }
}

/// A capability's part of the schema. The composition root lists them in the order of their dependencies.
package struct Schema: Sendable {
    package let name: String
    /// What `copy` moves to another engine.
    package let tables: [String]
    /// What `copy` moves word by word, because every engine keeps it in its own way.
    package let indexes: [TextIndex]
    let migrations: [Migration]

    package init(
        _ name: String,
        tables: [String] = [],
        indexes: [TextIndex] = [],
        _ migrations: Migration...
    ) {
        (self.name, self.tables, self.indexes, self.migrations) = (name, tables, indexes, migrations)
    }
}

extension Database {
    /// All that is missing, in one transaction. Servers that start together wait for each other.
    /// - Returns: the names of what was applied.
    @discardableResult
    package func migrate(_ schemas: [Schema]) async throws -> [String] {
        // Not `.serial`: its snapshot would be older than the lock, and show the schema as it was before the wait.
        try await self.write(.eachStatement) { tx in
            try tx.execute("SELECT \(sqlite: "1", postgres: "pg_advisory_xact_lock(8246, hashtext(current_schema()))")")
            try tx.execute(Applied.table)
            let pending = try Self.pending(schemas, tx)
            for (name, migration) in pending {
                for statement in migration.statements { try tx.execute(statement) }
                let text = migration.text(for: tx.dialect)
                try tx.execute("INSERT INTO migration \(values: ["name": name, "applied_at": Date(), "text": text])")
            }
            return pending.map(\.name)
        }
    }

    /// Refuses a database that is older, newer or other than the program.
    package func verify(_ schemas: [Schema]) async throws {
        let missing = try await self.read { try Self.pending(schemas, $0).map(\.name) }
        if !missing.isEmpty { throw StorageError.schema("not migrated: \(missing.joined(separator: ", "))") }
    }

    private static func pending(
        _ schemas: [Schema],
        _ tx: ReadTransaction
    ) throws -> [(name: String, migration: Migration)] {
        var applied: [String: String] = [:]
        for row in try tx.all(Applied.self, "SELECT name, text FROM migration") { applied[row.name] = row.text }
        var pending: [(name: String, migration: Migration)] = []
        for schema in schemas {
            for migration in schema.migrations {
                let name = "\(schema.name).\(migration.name)"
                guard let text = applied.removeValue(forKey: name) else {
                    pending.append((name, migration))
                    continue
                }
                if text != migration.text(for: tx.dialect) { throw StorageError.schema("edited: \(name)") }
                if pending.last?.name.hasPrefix("\(schema.name).") == true {
                    throw StorageError.schema("out of order: \(name)")
                }
            }
        }
        if !applied.isEmpty { throw StorageError.schema("unknown: \(applied.keys.sorted().joined(separator: ", "))") }
        return pending
    }

    private struct Applied: Decodable {
        let name: String
        let text: String

        static let table: SQL = """
            CREATE TABLE IF NOT EXISTS migration (
                name \(.text) PRIMARY KEY, applied_at \(.date) NOT NULL, text \(.text) NOT NULL
            ) \(.strict)
            """
    }
}

extension Migration {
    func text(for dialect: SQL.Dialect) -> String {
        self.statements.map { $0.statement(for: dialect).text }.joined(separator: ";\n")
    }
}
