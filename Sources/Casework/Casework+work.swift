import Foundation
import Intake
import Kernel
import Storage

extension Casework {
    /// Takes a case for oneself: colleagues see it and cannot change it meanwhile.
    package func take(_ id: Report.ID, version: Int, for access: DeskAccess) async throws {
        let until = self.clock.now() + Self.lockLifetime
        let me = access.principal.id
        try await self.change(id, version: version, access, action: "casework.case.taken") { tx, _ in
            try tx.execute(
                """
                UPDATE case_file SET assignee_id = \(me), lock_id = \(me), lock_until = \(until)
                WHERE report_id = \(id)
                """
            )
        }
    }

    package func release(_ id: Report.ID, version: Int, for access: DeskAccess) async throws {
        try await self.change(id, version: version, access, action: "casework.case.released") { tx, _ in
            try tx.execute(
                "UPDATE case_file SET lock_id = NULL, lock_until = NULL, assignee_id = NULL WHERE report_id = \(id)"
            )
        }
    }

    /// First look: a category and an urgency.
    package func triage(
        _ id: Report.ID,
        version: Int,
        category: String,
        urgency: Urgency,
        for access: DeskAccess
    ) async throws {
        let today = self.clock.today()
        let now = self.clock.now()
        guard !category.isEmpty, category.count <= 64 else {
            throw DomainError.invalid(InputErrors("error.choose", for: "category"))
        }
        try await self.change(
            id,
            version: version,
            access,
            action: "casework.case.triaged",
            detail: ["category": category, "urgency": String(urgency.rawValue)]
        ) { tx, file in
            try tx.execute(
                "UPDATE case_file SET category = \(category), urgency = \(urgency.rawValue) WHERE report_id = \(id)"
            )
            if category == Self.lockingCategory { try self.intake.lockFiles(of: id, day: today, tx) }
            if urgency == .imminentDanger, file.urgency < urgency { try self.hooks.onUrgent(tx, file.unit) }
            if file.state == .received {
                let state = try Self.move(tx, file, .triage, actor: "\(access.principal.id)", today: today)
                try self.tellReporter(state, nil, id, at: now, tx)
            }
        }
    }

    /// Starts, asks, closes or reopens. The reporter's timeline learns of it in the same transaction.
    package func move(_ id: Report.ID, version: Int, _ event: CaseState.Event, for access: DeskAccess) async throws {
        let now = self.clock.now()
        let reason: ClosingReason? = if case .close(let reason) = event { reason } else { nil }
        // Purging belongs to retention, an answer to the reporter.
        if event == .purge || event == .reporterAnswered { throw DomainError.conflict("casework.illegal-transition") }
        try await self.change(
            id,
            version: version,
            access,
            action: "casework.case.moved",
            detail: reason.map { ["reason": $0.rawValue] } ?? [:]
        ) { tx, file in
            let state = try Self.move(tx, file, event, actor: "\(access.principal.id)", today: Day(now))
            if !state.isOpen {
                try tx.execute("UPDATE case_file SET lock_id = NULL, lock_until = NULL WHERE report_id = \(id)")
            }
            try self.tellReporter(state, reason, id, at: now, tx)
        }
    }

    /// An answer to the reporter; with `asking` the case waits for theirs.
    package func reply(
        _ text: String,
        on id: Report.ID,
        version: Int,
        asking: Bool,
        for access: DeskAccess
    ) async throws {
        var input = InputReader()
        let text = input.text("text", text, length: 1...8000)
        try input.finish()
        let now = self.clock.now()
        try await self.change(id, version: version, access, action: "casework.case.replied") { tx, file in
            guard file.state.isOpen else { throw DomainError.conflict("casework.already-closed") }
            try self.intake.append(.message(text ?? ""), author: .desk, to: id, at: now, tx)
            try self.hooks.onTold(tx, id)
            if file.acknowledgedDay == nil {
                try tx.execute("UPDATE case_file SET acknowledged_day = \(Day(now)) WHERE report_id = \(id)")
            }
            if asking {
                let state = try Self.move(tx, file, .askReporter, actor: "\(access.principal.id)", today: Day(now))
                try self.tellReporter(state, nil, id, at: now, tx)
            }
        }
    }

    /// Classifies one indicator.
    package func assess(
        _ item: Identifier<Item>,
        of id: Report.ID,
        version: Int,
        state wanted: ItemState,
        grade: String,
        for access: DeskAccess
    ) async throws {
        let today = self.clock.today()
        if wanted == .assessed, grade.isEmpty { throw DomainError.invalid(InputErrors("error.choose", for: "grade")) }
        try await self.change(
            id,
            version: version,
            access,
            action: "casework.item.assessed",
            detail: ["item": "\(item)", "state": wanted.rawValue, "grade": grade]
        ) { tx, _ in
            let known = try tx.one(
                ItemAssessment.self,
                "SELECT item_id, state, grade FROM item_assessment WHERE item_id = \(item) AND report_id = \(id)"
            )
            guard try self.intake.hasItem(item, in: id, tx) else { throw DomainError.notFound }
            let next = try (known?.state ?? .unassessed).next(wanted)
            let grade = grade.isEmpty ? known?.grade ?? "" : grade
            try tx.execute(
                """
                INSERT INTO item_assessment \(values: [
                    "item_id": item, "report_id": id, "state": next.rawValue, "grade": grade,
                    "actor": "\(access.principal.id)", "day": today,
                ])
                ON CONFLICT (item_id) DO UPDATE
                SET state = excluded.state, grade = excluded.grade, actor = excluded.actor, day = excluded.day
                """
            )
        }
    }

    /// The reporter's timeline learns of a new state.
    func tellReporter(
        _ state: CaseState,
        _ reason: ClosingReason?,
        _ id: Report.ID,
        at now: Date,
        _ tx: WriteTransaction
    ) throws {
        try self.intake.append(
            .status(state: state.rawValue, reason: reason?.rawValue),
            author: .system,
            to: id,
            at: now,
            tx
        )
        try self.hooks.onTold(tx, id)
    }
}
