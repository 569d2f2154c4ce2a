extension AuditLog {
    /// The triggers are a tripwire against mistakes: whoever owns the database can drop them, and the chain tells.
    package static let schema = Schema(
        "audit",
        tables: ["audit_entry", "audit_head"],
        Migration(
            "1 create audit_entry",
            """
            CREATE TABLE audit_entry (
                seq \(.int) PRIMARY KEY, day \(.text) NOT NULL, actor \(.text) NOT NULL, action \(.text) NOT NULL,
                subject \(.text) NOT NULL, detail \(.json) NOT NULL, prev \(.text) NOT NULL, hash \(.text) NOT NULL
            ) \(.strict)
            """,
            "CREATE INDEX audit_entry_subject ON audit_entry (subject, seq)",
            """
            CREATE TABLE audit_head (
                one \(.int) PRIMARY KEY CONSTRAINT audit_head_one CHECK (one = 1),
                seq \(.int) NOT NULL, hash \(.text) NOT NULL
            ) \(.strict)
            """,
            """
            \(
                sqlite: """
                    CREATE TRIGGER audit_entry_not_updated BEFORE UPDATE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
                    """,
                postgres: """
                    CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
                    BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$
                    """
            )
            """,
            """
            \(
                sqlite: """
                    CREATE TRIGGER audit_entry_not_deleted BEFORE DELETE ON audit_entry
                    BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END
                    """,
                postgres: """
                    CREATE TRIGGER audit_entry_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
                    FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_refuse()
                    """
            )
            """
        )
    )
}
