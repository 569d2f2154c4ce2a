import Foundation
import Intake
import Kernel
import Storage
import Vault

/// The desk: what becomes of a report.
package struct Casework: Sendable {
    let database: Database
    let intake: Intake
    let audit: AuditLog
    let clock: Clock
    let unitBox: Intake.UnitBox
    let hooks: CaseworkHooks

    /// How long a case stays with the analyst who opened it for work, seconds.
    package static let lockLifetime: TimeInterval = 15 * 60

    package init(
        database: Database,
        intake: Intake,
        audit: AuditLog,
        clock: Clock,
        unitBox: @escaping Intake.UnitBox,
        hooks: CaseworkHooks = CaseworkHooks()
    ) {
        self.database = database
        self.intake = intake
        self.audit = audit
        self.clock = clock
        self.unitBox = unitBox
        self.hooks = hooks
    }

    static let columns: SQL = """
        report_id, reference, kind, category, unit, language, identity, state, closing_reason, urgency, received_day,
        acknowledged_day, closed_day, assignee_id, lock_id, lock_until, unread, version
        """
}

extension Permission {
    /// See the queue and open cases of the general desk.
    package static let readCases = Self("casework.read")
    /// Classify, answer, decide and close.
    package static let workCases = Self("casework.work")
    /// Open cases of the child-protection channel.
    package static let readChildCases = Self("casework.child")
    /// See counts only.
    package static let readStatistics = Self("casework.statistics")
}

/// A signed-in analyst with the unit keys their session unlocked.
package struct DeskAccess: Sendable {
    package let principal: Principal
    let unitKeys: [DeskUnit: PrivateBox]

    package init(principal: Principal, unitKeys: [DeskUnit: PrivateBox]) {
        self.principal = principal
        self.unitKeys = unitKeys
    }

    /// Whether the session unlocked a key for every unit it works for; somebody new waits for a key-holder.
    package var holdsKeys: Bool { self.units.allSatisfy { self.unitKeys[$0] != nil } }

    /// Units whose cases this person may see.
    package var units: [DeskUnit] {
        var units: [DeskUnit] = []
        if self.principal.may(.readCases) { units.append(.desk) }
        if self.principal.may(.readChildCases) { units.append(.child) }
        return units
    }

    func require(_ unit: DeskUnit) throws(DomainError) {
        // Somebody else's case is not there at all.
        guard self.units.contains(unit) else { throw .notFound }
    }
}
