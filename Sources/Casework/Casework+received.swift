import Foundation
import Intake
import Kernel
import Storage

/// What intake tells the desk, in intake's own transaction. No staff are involved, so nothing here asks for a principal.
extension Casework {
    package static func received(_ tx: WriteTransaction, _ report: Report, imminentDanger: Bool) throws {
        let urgency: Urgency = imminentDanger ? .imminentDanger : .normal
        try tx.execute(
            """
            INSERT INTO case_file \(values: [
                "report_id": report.id, "reference": report.reference, "kind": report.kind,
                "category": report.category, "unit": report.unit.rawValue, "language": report.language.rawValue,
                "identity": report.identity.rawValue, "state": CaseState.received.rawValue,
                "urgency": urgency.rawValue, "received_day": report.day, "unread": 1, "version": 1,
            ])
            """
        )
    }

    package static func added(
        _ tx: WriteTransaction,
        _ report: Report.ID,
        _ act: Intake.ReporterAct,
        audit: AuditLog,
        today: Day
    ) throws {
        func move(_ file: CaseFile, _ event: CaseState.Event, _ detail: [String: String] = [:]) throws {
            try self.move(tx, file, event, actor: "reporter", today: today)
            // Every transition has exactly one entry, whoever caused it.
            try audit.record(
                tx,
                actor: "reporter",
                action: "casework.case.moved",
                subject: "\(report)",
                detail: detail,
                day: today
            )
        }
        guard let file = try tx.one(CaseFile.self, "SELECT \(self.columns) FROM case_file WHERE report_id = \(report)")
        else {
            throw DomainError.notFound
        }
        if file.state == .purged { throw DomainError.notFound }
        try tx.execute(
            "UPDATE case_file SET unread = unread + 1, version = version + 1 WHERE report_id = \(report)"
        )
        switch (act, file.state) {
        case (.withdrew, _) where file.state.isOpen:
            try move(file, .close(.withdrawn), ["reason": ClosingReason.withdrawn.rawValue])
        case (.withdrew, _): throw DomainError.conflict("casework.already-closed")
        case (_, .awaitingReporter): try move(file, .reporterAnswered)
        default: break
        }
    }

    /// Writes the new state and the transition that led to it.
    @discardableResult
    static func move(
        _ tx: WriteTransaction,
        _ file: CaseFile,
        _ event: CaseState.Event,
        actor: String,
        today: Day
    ) throws -> CaseState {
        let next = try file.state.next(event)
        let reason: ClosingReason? = if case .close(let reason) = event { reason } else { nil }
        let keptReason = next == .purged ? file.closingReason : reason
        let closedDay: Day? = next == .closed ? today : next == .purged ? file.closedDay : nil
        let acknowledged = file.acknowledgedDay ?? (next == .received ? nil : today)
        try tx.execute(
            """
            UPDATE case_file SET state = \(next.rawValue), closing_reason = \(keptReason?.rawValue),
                closed_day = \(closedDay), acknowledged_day = \(acknowledged), version = version + 1
            WHERE report_id = \(file.reportId)
            """
        )
        let position = try tx.value(
            Int.self,
            "SELECT coalesce(max(position) + 1, 0) FROM case_transition WHERE report_id = \(file.reportId)"
        )
        try tx.execute(
            """
            INSERT INTO case_transition \(values: [
                "id": Identifier<CaseTransition>.random(), "report_id": file.reportId, "position": position ?? 0,
                "from_state": file.state.rawValue, "to_state": next.rawValue, "reason": reason?.rawValue,
                "actor": actor, "day": today,
            ])
            """
        )
        return next
    }
}
