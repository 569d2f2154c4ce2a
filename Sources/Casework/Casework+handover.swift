import Foundation
import Intake
import Kernel
import Storage

/// What is recorded about handing one report of the child channel to the partner hotline. Holds no address.
package struct Handover: Decodable, Sendable {
    package let reportId: Report.ID
    package let handedDay: Day
    /// The partner's own number for it, if it gave one at once.
    package let partnerReference: String?
    package let acknowledgedDay: Day?
}

extension Casework {
    package func handover(_ id: Report.ID, for access: DeskAccess) async throws -> Handover? {
        try access.principal.require(.readChildCases)
        return try await self.database.read { tx in
            try tx.one(
                Handover.self,
                """
                SELECT report_id, handed_day, partner_reference, acknowledged_day FROM child_handover
                WHERE report_id = \(id)
                """
            )
        }
    }

    /// Shows the addresses of one report, unmasked. Looking is an act of its own with an entry of its own.
    package func reveal(_ id: Report.ID, for access: DeskAccess) async throws -> OpenedCase {
        try access.principal.require(.readChildCases)
        let today = self.clock.today()
        try await self.database.write { tx in
            let file = try self.file(id, tx)
            guard file.unit == .child else { throw DomainError.notFound }
            try self.audit.record(
                tx,
                actor: "\(access.principal.id)",
                action: "casework.child.revealed",
                subject: "\(id)",
                day: today
            )
        }
        return try await self.open(id, for: access)
    }

    /// The address was given to the partner, by hand, in the partner's own form.
    package func recordHandover(
        _ id: Report.ID,
        version: Int,
        reference: String?,
        for access: DeskAccess
    ) async throws {
        try access.principal.require(.readChildCases)
        var input = InputReader()
        let reference = input.text("reference", reference, length: 0...120)
        try input.finish()
        let now = self.clock.now()
        let kept = reference.flatMap { $0.isEmpty ? nil : $0 }
        try await self.change(id, version: version, access, action: "casework.child.handed-over") { tx, file in
            guard file.unit == .child else { throw DomainError.notFound }
            try tx.execute(
                """
                INSERT INTO child_handover \(values: [
                    "report_id": id, "handed_day": Day(now), "partner_reference": kept,
                    "actor": "\(access.principal.id)",
                ])
                ON CONFLICT (report_id) DO UPDATE
                SET handed_day = excluded.handed_day, partner_reference = excluded.partner_reference,
                    actor = excluded.actor
                """
            )
            guard file.state == .received else { return }
            let state = try Self.move(tx, file, .triage, actor: "\(access.principal.id)", today: Day(now))
            try self.tellReporter(state, nil, id, at: now, tx)
        }
    }

    /// The partner acknowledged: now, and only now, address and text are destroyed. Number, day, category and outcome
    /// remain.
    package func recordAcknowledgement(
        _ id: Report.ID,
        version: Int,
        reference: String?,
        for access: DeskAccess
    ) async throws {
        try access.principal.require(.readChildCases)
        var input = InputReader()
        let reference = input.text("acknowledgement", reference, length: 2...120)
        try input.finish()
        let now = self.clock.now()
        try await self.change(id, version: version, access, action: "casework.child.acknowledged") { tx, file in
            guard file.unit == .child else { throw DomainError.notFound }
            let changed = try tx.execute(
                """
                UPDATE child_handover SET acknowledged_day = \(Day(now)), partner_reference = \(reference)
                WHERE report_id = \(id) AND acknowledged_day IS NULL
                """
            )
            guard changed == 1 else { throw DomainError.conflict("casework.not-handed-over") }
            try self.intake.eraseContent(of: id, tx)
            // The reporter may have withdrawn meanwhile; the address was destroyed all the same.
            guard file.state.isOpen else { return }
            let state = try Self.move(tx, file, .close(.referred), actor: "\(access.principal.id)", today: Day(now))
            try self.tellReporter(state, .referred, id, at: now, tx)
        }
    }

    /// Reports of the child channel that nobody has acknowledged since before today. The exact hour is sealed, so the
    /// alarm comes with the next day in UTC: never later than 24 hours after receipt. A case that an analyst closed by a
    /// decision of their own counts no more; one that its reporter withdrew, or that was handed over, does.
    package static func overdueHandovers(_ tx: ReadTransaction, today: Day) throws -> Int {
        try tx.value(
            Int.self,
            """
            SELECT count(*) FROM case_file LEFT JOIN child_handover ON child_handover.report_id = case_file.report_id
            WHERE unit = 'child' AND received_day < \(today) AND state <> 'purged'
              AND child_handover.acknowledged_day IS NULL
              AND (state <> 'closed' OR closing_reason = 'withdrawn' OR child_handover.report_id IS NOT NULL)
            """
        ) ?? 0
    }

    package func overdueHandovers(for access: DeskAccess) async throws -> Int {
        try access.principal.require(.readChildCases)
        let today = self.clock.today()
        return try await self.database.read { try Self.overdueHandovers($0, today: today) }
    }
}
