import Intake
import Storage

/// Rows in bulk, made by the database itself.
enum Filling {
    private static let step = 50_000

    /// One case in five is open; of the open ones a quarter each is received, triaged, worked on, waiting. Urgencies,
    /// days, categories and colleagues are spread.
    static func cases(_ count: Int, _ database: Database) async throws {
        let present = try await database.read { try $0.value(Int.self, "SELECT count(*) FROM case_file") ?? 0 }
        for first in stride(from: present + 1, through: count, by: Self.step) {
            let last = min(first + Self.step - 1, count)
            try await database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO case_file (report_id, reference, kind, category, unit, language, identity, state,
                        closing_reason, urgency, received_day, acknowledged_day, closed_day, assignee_id, unread, version)
                    \(Self.series(first, last))
                    SELECT \(Self.identifier), \(Self.text("5000000000 + n")), 'phishing',
                        CASE n % 7 WHEN 0 THEN 'scam' WHEN 1 THEN 'account-takeover' WHEN 2 THEN 'malware' WHEN 3 THEN 'hate'
                            ELSE 'phishing' END,
                        'desk', 'fr', 'anonymous',
                        CASE WHEN n % 5 > 0 THEN 'closed' WHEN n % 20 = 0 THEN 'received' WHEN n % 20 = 5 THEN 'triaged'
                            WHEN n % 20 = 10 THEN 'in-progress' ELSE 'awaiting-reporter' END,
                        CASE WHEN n % 5 > 0 THEN 'handled' END,
                        CASE WHEN n % 97 < 2 THEN 3 WHEN n % 97 < 15 THEN 2 WHEN n % 97 < 80 THEN 1 ELSE 0 END,
                        \(Self.day), CASE WHEN n % 20 > 0 THEN \(Self.day) END,
                        CASE WHEN n % 5 > 0 THEN \(Self.day) END,
                        CASE WHEN n % 20 > 0 THEN '00000000-0000-7000-8000-00000000001' || \(Self.text("n % 10")) END,
                        CASE WHEN n % 20 = 0 THEN 1 ELSE 0 END, 1
                    FROM series
                    """
                )
            }
        }
        try await self.analyse(database)
    }

    /// Indicators of other reports, hung on one report's items because the index wants an item to exist.
    static func indicators(_ count: Int, of report: Report.ID, _ database: Database) async throws {
        for first in stride(from: 1, through: count, by: Self.step) {
            let last = min(first + Self.step - 1, count)
            try await database.write { tx in
                try tx.execute(
                    """
                    INSERT INTO report_item (id, report_id, position, day, wrap, sealed)
                    \(Self.series(first, last))
                    SELECT \(Self.identifier), \(report), 1000 + n, '2026-01-01', \(SQL.empty), \(SQL.empty) FROM series
                    """
                )
                try tx.execute(
                    """
                    INSERT INTO indicator_index (item_id, report_id, token, key_version, normaliser)
                    \(Self.series(first, last))
                    SELECT \(Self.identifier), \(Self.identifier), \(Self.token), 1, 1 FROM series
                    """
                )
            }
        }
        try await self.analyse(database)
    }

    private static func series(_ first: Int, _ last: Int) -> SQL {
        """
        WITH RECURSIVE series (n) AS (
            SELECT \(raw: String(first)) \(postgres: "::bigint") UNION ALL SELECT n + 1 FROM series
            WHERE n < \(raw: String(last)))
        """
    }

    private static func text(_ number: String) -> SQL { "CAST(\(raw: number) AS TEXT)" }

    /// Scattered like a version 4 UUID.
    private static let identifier: SQL = """
        \(
            sqlite: "printf('%08x-0000-4000-8000-%012x', (n * 2654435761) % 4294967296, n)",
            postgres: """
                lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || '-0000-4000-8000-' || lpad(to_hex(n), 12, '0')
                """
        )
        """

    private static let token: SQL = """
        \(
            sqlite: "printf('%08x%08x', (n * 2654435761) % 4294967296, n)",
            postgres: "lpad(to_hex((n * 2654435761) % 4294967296), 8, '0') || lpad(to_hex(n), 8, '0')"
        )
        """

    private static let day: SQL = """
        \(
            sqlite: "date('2026-01-01', '+' || (n % 300) || ' days')",
            postgres: "to_char(date '2026-01-01' + (n % 300)::int, 'YYYY-MM-DD')"
        )
        """

    /// PostgreSQL does so by itself within a minute; SQLite never, and neither does the server.
    private static func analyse(_ database: Database) async throws {
        if database.dialect == .postgres { try await database.write { try $0.execute("ANALYZE") } }
    }
}

extension SQL {
    fileprivate static let empty: SQL = "\(sqlite: "x''", postgres: "''::bytea")"
}
