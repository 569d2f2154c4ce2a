/// What a database says about its own tables.
struct Catalog: Sendable {
    struct Table: Sendable {
        let name: String
        /// Without those that the database computes.
        let columns: [(name: String, kind: SQL.Kind)]
        /// The column that the database numbers.
        let identity: String?
    }

    private struct Column: Decodable {
        let name: String
        let type: String
        let isNumbered: Bool
    }

    static func tables(_ tx: ReadTransaction) throws -> Set<String> {
        Set(
            try tx.values(
                String.self,
                """
                \(
                    sqlite: #"""
                        SELECT name FROM pragma_table_list
                        WHERE type = 'table' AND schema = 'main' AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
                        """#,
                    postgres: "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
                )
                """
            )
        )
    }

    static func table(_ name: String, _ tx: ReadTransaction) throws -> Table {
        let columns = try tx.all(
            Column.self,
            """
            \(
                sqlite: """
                    SELECT i.name, i.type, i.pk = 1 AND t.sql LIKE '%AUTOINCREMENT%' AS is_numbered
                    FROM pragma_table_xinfo(\(name)) AS i JOIN sqlite_schema AS t ON t.name = \(name)
                    WHERE i.hidden = 0 ORDER BY i.cid
                    """,
                postgres: """
                    SELECT CAST(attname AS TEXT) AS name, CAST(CAST(atttypid AS regtype) AS TEXT) AS type,
                        attidentity <> '' AS is_numbered
                    FROM pg_attribute
                    WHERE attrelid = CAST(\(name) AS regclass) AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
                    ORDER BY attnum
                    """
            )
            """
        )
        return Table(
            name: name,
            columns: try columns.map { ($0.name, try Self.kind($0.type, of: "\(name).\($0.name)")) },
            identity: columns.first(where: \.isNumbered)?.name
        )
    }

    private static func kind(_ type: String, of column: String) throws -> SQL.Kind {
        switch type.lowercased() {
        case "integer", "bigint", "smallint": .int
        case "real", "double precision": .double
        case "text", "character varying": .text
        case "blob", "bytea": .data
        case "boolean": .bool
        default: throw StorageError.schema("\(column) is a \(type), which cannot be copied")
        }
    }

    /// The last number that was given, also when its row is gone: numbers are never given twice.
    static func lastNumber(_ table: Table, _ tx: ReadTransaction) throws -> Int? {
        guard let column = table.identity else { return nil }
        return try tx.value(
            Int?.self,
            """
            \(
                sqlite: "SELECT seq FROM sqlite_sequence WHERE name = \(table.name)",
                postgres: """
                    SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(\(table.name), \(column)) AS regclass))
                    """
            )
            """
        ) ?? nil
    }

    static func setLastNumber(_ number: Int, _ table: Table, _ tx: WriteTransaction) throws {
        guard let column = table.identity else { return }
        if tx.dialect == .postgres {
            let set: SQL = """
                SELECT setval(CAST(pg_get_serial_sequence(\(table.name), \(column)) AS regclass), \(number))
                """
            _ = try tx.value(Int.self, set)
        } else {
            try tx.execute("DELETE FROM sqlite_sequence WHERE name = \(table.name)")
            try tx.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (\(table.name), \(number))")
        }
    }
}
