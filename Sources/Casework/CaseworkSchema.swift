import Storage

extension Casework {
    package static let schema = Schema(
        "casework",
        tables: ["case_file", "case_transition", "case_note", "item_assessment", "child_channel", "child_handover"],
        Migration(
            "1 create case file",
            """
            CREATE TABLE case_file (
                report_id \(.id) PRIMARY KEY,
                reference \(.text) NOT NULL,
                kind \(.text) NOT NULL,
                category \(.text) NOT NULL,
                unit \(.text) NOT NULL,
                language \(.text) NOT NULL,
                identity \(.text) NOT NULL,
                state \(.text) NOT NULL CONSTRAINT case_file_state_known CHECK (state IN
                    ('received', 'triaged', 'in-progress', 'awaiting-reporter', 'closed', 'purged')),
                closing_reason \(.text),
                urgency \(.int) NOT NULL CONSTRAINT case_file_urgency_range CHECK (urgency BETWEEN 0 AND 3),
                received_day \(.text) NOT NULL,
                acknowledged_day \(.text),
                closed_day \(.text),
                assignee_id \(.id),
                lock_id \(.id),
                lock_until \(.date),
                unread \(.int) NOT NULL,
                version \(.int) NOT NULL,
                CONSTRAINT case_file_closed_has_reason CHECK ((state IN ('closed', 'purged')) = (closing_reason IS NOT NULL))
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX case_file_reference_key ON case_file (reference)",
            // The queue: open cases first by urgency, then the oldest.
            "CREATE INDEX case_file_queue ON case_file (unit, state, urgency, received_day, report_id)",
            "CREATE INDEX case_file_assignee ON case_file (assignee_id, state)",
            """
            CREATE TABLE case_transition (
                id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES case_file (report_id) ON DELETE CASCADE,
                position \(.int) NOT NULL,
                from_state \(.text) NOT NULL,
                to_state \(.text) NOT NULL,
                reason \(.text),
                actor \(.text) NOT NULL,
                day \(.text) NOT NULL
            ) \(.strict)
            """,
            "CREATE UNIQUE INDEX case_transition_report_id_position_key ON case_transition (report_id, position)",
            """
            CREATE TABLE case_note (
                id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES case_file (report_id) ON DELETE CASCADE,
                actor \(.text) NOT NULL,
                unit_version \(.int) NOT NULL,
                wrap \(.data) NOT NULL,
                sealed \(.data) NOT NULL
            ) \(.strict)
            """,
            "CREATE INDEX case_note_report ON case_note (report_id, id)",
            """
            CREATE TABLE item_assessment (
                item_id \(.id) PRIMARY KEY,
                report_id \(.id) NOT NULL REFERENCES case_file (report_id) ON DELETE CASCADE,
                state \(.text) NOT NULL CONSTRAINT item_assessment_state_known CHECK (state IN
                    ('unassessed', 'assessed', 'not-actionable', 'police-hold', 'ready')),
                grade \(.text) NOT NULL,
                actor \(.text) NOT NULL,
                day \(.text) NOT NULL
            ) \(.strict)
            """
        ),
        Migration(
            "2 create child channel",
            """
            CREATE TABLE child_channel (
                one \(.int) PRIMARY KEY CONSTRAINT child_channel_one CHECK (one = 1),
                partner \(.text) NOT NULL, address \(.text) NOT NULL, agreement \(.text) NOT NULL,
                agreed_day \(.text) NOT NULL, test_reference \(.text), test_day \(.text)
            ) \(.strict)
            """,
            """
            CREATE TABLE child_handover (
                report_id \(.id) PRIMARY KEY REFERENCES case_file (report_id) ON DELETE CASCADE,
                handed_day \(.text) NOT NULL, partner_reference \(.text), acknowledged_day \(.text),
                actor \(.text) NOT NULL
            ) \(.strict)
            """
        ),
        Migration(
            "3 index the queue",
            // One index for each way the queue is narrowed, in the order it is shown, over the cases it can show: a page
            // is then read off an index whatever the number of cases.
            """
            CREATE INDEX case_file_open ON case_file (unit, urgency, received_day, report_id)
            WHERE closing_reason IS NULL
            """,
            """
            CREATE INDEX case_file_open_category ON case_file (unit, category, urgency, received_day, report_id)
            WHERE closing_reason IS NULL
            """,
            """
            CREATE INDEX case_file_unread ON case_file (unit, urgency, received_day, report_id)
            WHERE closing_reason IS NULL AND unread > 0
            """,
            """
            CREATE INDEX case_file_unassigned ON case_file (unit, urgency, received_day, report_id)
            WHERE closing_reason IS NULL AND assignee_id IS NULL
            """,
            // One that names the unit too: without statistics SQLite otherwise thinks every case of the unit the shorter way.
            """
            CREATE INDEX case_file_mine ON case_file (assignee_id, unit, urgency, received_day, report_id)
            WHERE closing_reason IS NULL
            """,
            """
            CREATE INDEX case_file_closed_category ON case_file (unit, category, urgency, received_day, report_id)
            WHERE state = 'closed'
            """
        )
    )
}
