import Foundation
import Intake
import Kernel
import Storage

/// Erases what was promised to be erased: closed cases so many days after their closing, by destroying the keys.
package struct Retention: Sendable {
    package static let defaultDays = 90
    /// Days after closing that may be configured.
    package static let range = 30...3650

    /// What a run would do.
    package struct Plan: Sendable, Equatable {
        /// Due cases by category.
        package let byCategory: [String: Int]
        /// When the oldest of them was closed.
        package let oldest: Day?
        /// Due but held for an enquiry.
        package let held: Int
        /// Due but waiting for a recorded hand-over.
        package let awaitingHandOver: Int

        package var total: Int { self.byCategory.values.reduce(0, +) }
    }

    private struct Count: Decodable {
        let category: String
        let count: Int
        let oldest: Day
    }

    private let database: Database
    private let audit: AuditLog
    private let clock: Clock
    private let removeFile: @Sendable (String) async throws -> Void
    package let days: Int

    /// - Parameters:
    ///   - days: after closing; within `range`.
    ///   - removeFile: takes the sealed file of this id out of the store; may be asked twice.
    package init(
        database: Database,
        audit: AuditLog,
        clock: Clock,
        days: Int,
        removeFile: @escaping @Sendable (String) async throws -> Void
    ) {
        self.database = database
        self.audit = audit
        self.clock = clock
        self.removeFile = removeFile
        self.days = min(max(days, Self.range.lowerBound), Self.range.upperBound)
    }

    /// Closed on this day or before: due.
    private var lastDay: Day { self.clock.today() + -self.days }

    private static let notHeld: SQL =
        "NOT EXISTS (SELECT 1 FROM case_hold WHERE case_hold.report_id = case_file.report_id)"

    /// What concerns child abuse is erased after an acknowledged hand-over and never silently.
    private static let handedOver: SQL = """
        ((unit <> 'child' AND category <> 'child-abuse') OR EXISTS (
            SELECT 1 FROM child_handover
            WHERE child_handover.report_id = case_file.report_id AND acknowledged_day IS NOT NULL))
        """

    private func due(_ lastDay: Day) -> SQL { "state = 'closed' AND closed_day <= \(lastDay)" }

    /// Changes nothing.
    package func plan() async throws -> Plan {
        let due = self.due(self.lastDay)
        return try await self.database.read { tx in
            let counts = try tx.all(
                Count.self,
                """
                SELECT category, count(*) AS count, min(closed_day) AS oldest FROM case_file
                WHERE \(due) AND \(Self.notHeld) AND \(Self.handedOver) GROUP BY category
                """
            )
            func number(_ condition: SQL) throws -> Int {
                try tx.value(Int.self, "SELECT count(*) FROM case_file WHERE \(due) AND \(condition)") ?? 0
            }
            return Plan(
                byCategory: Dictionary(uniqueKeysWithValues: counts.map { ($0.category, $0.count) }),
                oldest: counts.map(\.oldest).min(),
                held: try number("NOT (\(Self.notHeld))"),
                awaitingHandOver: try number("\(Self.notHeld) AND NOT (\(Self.handedOver))")
            )
        }
    }

    /// One transaction a case, so that a run that is interrupted goes on where it stopped.
    /// - Parameter onErased: how many are gone so far.
    /// - Returns: how many were erased.
    package func run(_ onErased: @Sendable (Int) -> Void = { _ in }) async throws -> Int {
        let lastDay = self.lastDay
        let due = self.due(lastDay)
        var erased = 0
        while true {
            let batch = try await self.database.read { tx in
                try tx.values(
                    Report.ID.self,
                    """
                    SELECT report_id FROM case_file WHERE \(due) AND \(Self.notHeld) AND \(Self.handedOver)
                    ORDER BY closed_day, report_id LIMIT 100
                    """
                )
            }
            if batch.isEmpty { break }
            for id in batch {
                try Task.checkCancellation()
                guard let files = try await self.erase(id, lastDay) else { continue }
                erased += 1
                // Their keys are gone; after a crash here they are files without a row.
                for file in files { try await self.removeFile(file) }
            }
            onErased(erased)
        }
        // The log beside SQLite's file still has the bytes that were overwritten in it.
        try await self.checkpoint()
        return erased
    }

    /// - Returns: its files, to be removed; `nil` when somebody reopened or held it a moment ago.
    private func erase(_ id: Report.ID, _ lastDay: Day) async throws -> [String]? {
        let statistic = UUID()
        let today = self.clock.today()
        let due = self.due(lastDay)
        return try await self.database.write { tx in
            guard
                let file = try tx.one(
                    CaseFile.self,
                    """
                    SELECT \(Casework.columns) FROM case_file
                    WHERE report_id = \(id) AND \(due) AND \(Self.notHeld) AND \(Self.handedOver)
                    """
                ), let closedDay = file.closedDay, let reason = file.closingReason
            else { return nil }
            let state = try file.state.next(.purge)
            try tx.execute(
                """
                INSERT INTO case_statistic \(values: [
                    "id": statistic, "kind": file.kind, "category": file.category, "unit": file.unit.rawValue,
                    "language": file.language.rawValue, "state": state.rawValue, "closing_reason": reason.rawValue,
                    "urgency": file.urgency.rawValue, "received_day": file.receivedDay,
                    "acknowledged_day": file.acknowledgedDay, "closed_day": closedDay, "purged_day": today,
                ])
                """
            )
            let files = try Intake.destroy(id, tx)
            for table in ["case_note", "case_transition", "item_assessment", "child_handover", "case_file"] {
                try tx.execute("DELETE FROM \(raw: table) WHERE report_id = \(id)")
            }
            try self.audit.record(
                tx,
                actor: "retention",
                action: "casework.case.purged",
                subject: "\(id)",
                detail: ["category": file.category],
                day: today
            )
            return files
        }
    }

    /// A reader in the middle of a page keeps the log from being emptied: it is asked again, and tomorrow's run asks too.
    private func checkpoint() async throws {
        for _ in 1..<20 {
            do { return try await self.database.checkpoint() } catch StorageError.busy {
                try await Task.sleep(for: .milliseconds(100))
            }
        }
        try await self.database.checkpoint()
    }
}
