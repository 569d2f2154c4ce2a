import Storage

extension Notifications {
    package static let schema = Schema(
        "notification",
        tables: ["news_address", "staff_notice"],
        Migration(
            "1 create news address",
            // The address goes with its report, whoever erases that: the one place where another room's table is named.
            """
            CREATE TABLE news_address (
                report_id \(.id) PRIMARY KEY REFERENCES report (id) ON DELETE CASCADE,
                sealed \(.data) NOT NULL,
                language \(.text) NOT NULL,
                day \(.text) NOT NULL,
                told \(.bool) NOT NULL
            ) \(.strict)
            """,
            // Who wants none has no row. `told`: 0 nothing since a case was last read, 1 of new cases, 2 of urgent ones.
            """
            CREATE TABLE staff_notice (
                staff_id \(.id) PRIMARY KEY,
                level \(.text) NOT NULL CONSTRAINT staff_notice_level_known CHECK (level IN ('all', 'urgent')),
                language \(.text) NOT NULL,
                told \(.int) NOT NULL CONSTRAINT staff_notice_told_range CHECK (told BETWEEN 0 AND 2)
            ) \(.strict)
            """
        )
    )
}
