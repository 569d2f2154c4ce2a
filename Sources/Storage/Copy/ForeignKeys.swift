/// Rows arrive table by table, and tables may point at themselves and at each other: references are checked at the end.
enum ForeignKeys {
    struct Constraint: Decodable {
        let tableName: String
        let name: String
    }

    /// - Returns: what `resume` has to set back.
    static func suspend(_ tx: WriteTransaction) throws -> [Constraint] {
        if tx.dialect == .sqlite {
            // Ends with the transaction by itself.
            try tx.execute("PRAGMA defer_foreign_keys = ON")
            return []
        }
        let constraints = try tx.all(
            Constraint.self,
            """
            SELECT CAST(CAST(conrelid AS regclass) AS TEXT) AS table_name, format('%I', conname) AS name
            FROM pg_constraint
            WHERE contype = 'f' AND NOT condeferrable AND connamespace = CAST(current_schema() AS regnamespace)
            """
        )
        for constraint in constraints { try Self.alter(constraint, "DEFERRABLE INITIALLY DEFERRED", tx) }
        return constraints
    }

    static func resume(_ constraints: [Constraint], _ tx: WriteTransaction) throws {
        if tx.dialect == .sqlite { return }
        try tx.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for constraint in constraints { try Self.alter(constraint, "NOT DEFERRABLE", tx) }
    }

    private static func alter(_ constraint: Constraint, _ property: String, _ tx: WriteTransaction) throws {
        try tx.execute(
            "ALTER TABLE \(raw: constraint.tableName) ALTER CONSTRAINT \(raw: constraint.name) \(raw: property)"
        )
    }
}
