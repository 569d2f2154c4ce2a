import Storage

extension Retention {
    /// What remains of a case that was erased names nobody and nothing: no id, no reference, days only.
    package static let schema = Schema(
        "retention",
        tables: ["case_hold", "case_statistic"],
        Migration(
            "1 create case_hold",
            """
            CREATE TABLE case_hold (
                report_id \(.id) PRIMARY KEY REFERENCES case_file (report_id) ON DELETE CASCADE,
                authority \(.text) NOT NULL,
                actor \(.text) NOT NULL,
                day \(.text) NOT NULL,
                wrap \(.data) NOT NULL,
                sealed \(.data) NOT NULL
            ) \(.strict)
            """,
            """
            CREATE TABLE case_statistic (
                id \(.id) PRIMARY KEY,
                kind \(.text) NOT NULL,
                category \(.text) NOT NULL,
                unit \(.text) NOT NULL,
                language \(.text) NOT NULL,
                state \(.text) NOT NULL CONSTRAINT case_statistic_state_known CHECK (state = 'purged'),
                closing_reason \(.text) NOT NULL,
                urgency \(.int) NOT NULL,
                received_day \(.text) NOT NULL,
                acknowledged_day \(.text),
                closed_day \(.text) NOT NULL,
                purged_day \(.text) NOT NULL
            ) \(.strict)
            """,
            "CREATE INDEX case_statistic_category ON case_statistic (category, closed_day)",
            "CREATE INDEX case_file_closed ON case_file (state, closed_day)"
        )
    )
}
