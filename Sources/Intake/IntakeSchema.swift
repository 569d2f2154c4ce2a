import Storage

extension Intake {
    /// Everything a reporter causes: random ids, times no finer than the UTC day, content sealed.
    package static let schema = Schema(
        "intake",
        tables: [
            "questionnaire_version", "report", "report_entry", "report_item", "indicator_index", "reporter_session",
            "attachment",
        ],
        Migration(
            "1 create report",
            """
            CREATE TABLE questionnaire_version (
                hash \(.text) PRIMARY KEY, kind \(.text) NOT NULL, source \(.text) NOT NULL
            ) \(.strict)
            """,
            """
            CREATE TABLE report (
                id \(.id) PRIMARY KEY,
                reference \(.text) NOT NULL,
                kind \(.text) NOT NULL,
                category \(.text) NOT NULL,
                unit \(.text) NOT NULL CONSTRAINT report_unit_known CHECK (unit IN ('desk', 'child')),
                language \(.text) NOT NULL,
                identity \(.text) NOT NULL
                    CONSTRAINT report_identity_known CHECK (identity IN ('anonymous', 'confidential', 'named')),
                questionnaire \(.text) NOT NULL REFERENCES questionnaire_version (hash),
                day \(.text) NOT NULL,
                lookup \(.text) NOT NULL,
                reporter_key \(.data) NOT NULL,
                box \(.data) NOT NULL,
                reporter_wrap \(.data) NOT NULL,
                unit_wrap \(.data) NOT NULL,
                unit_version \(.int) NOT NULL
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX report_reference_key ON report (reference)",
            "CREATE UNIQUE INDEX report_lookup_key ON report (lookup)",
            """
            CREATE TABLE report_entry (
                id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES report (id) ON DELETE CASCADE,
                position \(.int) NOT NULL,
                author \(.text) NOT NULL
                    CONSTRAINT report_entry_author_known CHECK (author IN ('reporter', 'desk', 'system')),
                day \(.text) NOT NULL,
                wrap \(.data) NOT NULL,
                sealed \(.data) NOT NULL
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX report_entry_report_id_position_key ON report_entry (report_id, position)",
            """
            CREATE TABLE report_item (
                id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES report (id) ON DELETE CASCADE,
                position \(.int) NOT NULL,
                day \(.text) NOT NULL,
                wrap \(.data) NOT NULL,
                sealed \(.data) NOT NULL
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX report_item_report_id_position_key ON report_item (report_id, position)",
            """
            CREATE TABLE indicator_index (
                item_id \(.id) NOT NULL REFERENCES report_item (id) ON DELETE CASCADE,
                report_id \(.id) NOT NULL,
                token \(.text) NOT NULL,
                key_version \(.int) NOT NULL,
                normaliser \(.int) NOT NULL,
                PRIMARY KEY (item_id, token)
            ) \(.strict)
            """,
            "CREATE INDEX indicator_index_token ON indicator_index (token)",
            """
            CREATE TABLE reporter_session (
                token_hash \(.text) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES report (id) ON DELETE CASCADE,
                sealed \(.data) NOT NULL,
                span \(.int) NOT NULL
            ) \(.strict)
            """
        ),
        Migration(
            "2 create attachment",
            """
            CREATE TABLE attachment (
                id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES report (id) ON DELETE CASCADE,
                position \(.int) NOT NULL,
                day \(.text) NOT NULL,
                once \(.text) NOT NULL,
                blob_id \(.text) NOT NULL,
                size \(.int) NOT NULL,
                wrap \(.data) NOT NULL,
                sealed \(.data) NOT NULL
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX attachment_report_id_position_key ON attachment (report_id, position)",
            "CREATE UNIQUE INDEX attachment_report_id_once_key ON attachment (report_id, once)",
            "CREATE UNIQUE INDEX attachment_blob_id_key ON attachment (blob_id)",
            // The day since which nobody reads or adds files.
            "ALTER TABLE report ADD COLUMN files_locked \(.text)"
        ),
        Migration(
            "3 index indicators by report",
            // Asked each time an analyst opens a case.
            "CREATE INDEX indicator_index_report ON indicator_index (report_id)"
        )
    )
}
