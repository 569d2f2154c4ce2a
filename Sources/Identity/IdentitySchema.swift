import Storage

extension Identity {
    package static let schema = Schema(
        "identity",
        tables: [
            "unit_key", "staff", "staff_unit_key", "invitation", "staff_session", "recovery_code", "role_request",
        ],
        Migration(
            "1 create staff",
            """
            CREATE TABLE unit_key (
                unit \(.text) PRIMARY KEY, version \(.int) NOT NULL, box \(.data) NOT NULL
            ) \(.strict)
            """,
            """
            CREATE TABLE staff (
                id \(.id) PRIMARY KEY,
                email \(.text) NOT NULL,
                name \(.text) NOT NULL,
                roles \(.json) NOT NULL,
                state \(.text) NOT NULL CONSTRAINT staff_state_known CHECK (state IN ('invited', 'active', 'disabled')),
                created_at \(.date) NOT NULL,
                kdf \(.int),
                salt \(.data),
                verifier \(.data),
                box \(.data),
                sealed_key \(.data),
                recovery_sealed_key \(.data),
                totp \(.data),
                totp_counter \(.int),
                CONSTRAINT staff_active_has_keys CHECK (state <> 'active' OR
                    (salt IS NOT NULL AND verifier IS NOT NULL AND box IS NOT NULL AND sealed_key IS NOT NULL
                     AND totp IS NOT NULL AND totp_counter IS NOT NULL))
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX staff_email_key ON staff (email)",
            """
            CREATE TABLE staff_unit_key (
                staff_id \(.id) NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                unit \(.text) NOT NULL REFERENCES unit_key (unit),
                version \(.int) NOT NULL,
                wrap \(.data) NOT NULL,
                PRIMARY KEY (staff_id, unit)
            ) \(.strict)
            """,
            """
            CREATE TABLE invitation (
                token_hash \(.text) PRIMARY KEY,
                staff_id \(.id) NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                expires_at \(.date) NOT NULL,
                unit_keys \(.data)
            ) \(.strict)
            """,
            """
            CREATE TABLE staff_session (
                token_hash \(.text) PRIMARY KEY,
                staff_id \(.id) NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                started_at \(.date) NOT NULL,
                seen_at \(.date) NOT NULL,
                fresh_until \(.date) NOT NULL,
                sealed_key \(.data) NOT NULL
            ) \(.strict)
            """,
            "CREATE INDEX staff_session_staff ON staff_session (staff_id)",
            """
            CREATE TABLE recovery_code (
                staff_id \(.id) NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                hash \(.text) NOT NULL,
                PRIMARY KEY (staff_id, hash)
            ) \(.strict)
            """
        ),
        Migration(
            "2 create role_request",
            """
            CREATE TABLE role_request (
                id \(.id) PRIMARY KEY,
                staff_id \(.id) NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
                roles \(.json) NOT NULL,
                requested_by \(.id) NOT NULL REFERENCES staff (id),
                requested_at \(.date) NOT NULL,
                decision \(.text) CONSTRAINT role_request_decision_known
                    CHECK (decision IN ('approved', 'refused', 'withdrawn')),
                decided_by \(.id) REFERENCES staff (id),
                decided_at \(.date),
                CONSTRAINT role_request_decided_whole CHECK (
                    (decision IS NULL) = (decided_by IS NULL) AND (decision IS NULL) = (decided_at IS NULL)),
                CONSTRAINT role_request_two_people CHECK (decision IS NULL OR decision <> 'approved' OR
                    (decided_by <> requested_by AND decided_by <> staff_id AND requested_by <> staff_id))
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX role_request_staff_id_key ON role_request (staff_id) WHERE decision IS NULL"
        )
    )
}
