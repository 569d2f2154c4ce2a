/// What a database holds, in numbers: taken down with a copy, and compared when the copy comes back.
package struct DatabaseExamination: Codable, Sendable, Equatable {
    /// Names of the applied migrations, sorted.
    package let migrations: [String]
    /// Rows of every table.
    package let counts: [String: Int]
    /// Where the audit log ends; `nil` while it is empty, or before there is one.
    package let auditHead: AuditLog.Head?
}

extension Database {
    /// From one snapshot. Asks the database for its tables, not the program, so that a copy of an older version can be
    /// examined too.
    package func examine() async throws -> DatabaseExamination {
        try await self.read { tx in
            let tables = try Catalog.tables(tx).sorted()
            var counts: [String: Int] = [:]
            for table in tables { counts[table] = try tx.value(Int.self, "SELECT count(*) FROM \(raw: table)") ?? 0 }
            return DatabaseExamination(
                migrations: tables.contains("migration")
                    ? try tx.values(String.self, "SELECT name FROM migration ORDER BY name") : [],
                counts: counts,
                auditHead: tables.contains("audit_head") ? try AuditLog.head(tx) : nil
            )
        }
    }

    /// Reads the whole file: every page, index and reference. Empty when nothing is wrong; PostgreSQL has tools of its
    /// own for it (`pg_amcheck`), so there it is always empty.
    /// - Returns: SQLite's sentences, at most 100.
    package func damage() async throws -> [String] {
        guard self.dialect == .sqlite else { return [] }
        return try await self.read { tx in
            let pages = try tx.values(String.self, "SELECT integrity_check FROM pragma_integrity_check(100)")
            let orphans = try tx.values(
                String.self,
                """
                SELECT "table" || ' names a row of ' || parent || ' that is not there'
                FROM pragma_foreign_key_check LIMIT 100
                """
            )
            return pages.filter { $0 != "ok" } + orphans
        }
    }
}
