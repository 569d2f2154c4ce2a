import Foundation
import Intake
import Kernel
import Storage
import Vault

extension Permission {
    /// Keep a case from being erased while an authority's enquiry is open.
    package static let holdCases = Self("casework.hold")
}

/// Why a case is kept beyond its time: an open enquiry of a named authority.
package struct CaseHold: Sendable {
    package let authority: String
    package let reason: String
    package let actor: String
    package let day: Day
}

extension Casework {
    private struct HoldRow: Decodable {
        let authority: String
        let actor: String
        let day: Day
        let wrap: Data
        let sealed: Data
    }

    /// From now on retention passes the case over. The reason is sealed to the unit, as a note is.
    /// - Throws: `InputErrors` for `authority` (2 to 120 characters) and `reason` (10 to 1,000).
    package func hold(
        _ id: Report.ID,
        authority: String,
        reason: String,
        version: Int,
        for access: DeskAccess
    ) async throws {
        try access.principal.require(.holdCases)
        var input = InputReader()
        let authority = input.text("authority", authority, length: 2...120)
        let reason = input.text("reason", reason, length: 10...1000)
        try input.finish()
        let today = self.clock.today()
        let key = ContentKey.random()
        try await self.change(id, version: version, access, action: "casework.case.held") { tx, file in
            guard let (box, _) = try self.unitBox(tx, file.unit) else { throw DomainError.unavailable("intake.closed") }
            try tx.execute("DELETE FROM case_hold WHERE report_id = \(id)")
            try tx.execute(
                """
                INSERT INTO case_hold \(values: [
                    "report_id": id, "authority": authority ?? "", "actor": "\(access.principal.id)", "day": today,
                    "wrap": try box.wrap(key, SealContext("hold-key", "\(id)")),
                    "sealed": key.seal(Data((reason ?? "").utf8), SealContext("hold", "\(id)")),
                ])
                """
            )
        }
    }

    /// The enquiry is over: the case follows the ordinary rule again.
    package func endHold(_ id: Report.ID, version: Int, for access: DeskAccess) async throws {
        try access.principal.require(.holdCases)
        try await self.change(id, version: version, access, action: "casework.case.hold-ended") { tx, _ in
            try tx.execute("DELETE FROM case_hold WHERE report_id = \(id)")
        }
    }

    /// `nil` when nothing keeps it.
    package func hold(of id: Report.ID, for access: DeskAccess) async throws -> CaseHold? {
        let (file, row) = try await self.database.read { tx in
            (
                try self.file(id, tx),
                try tx.one(
                    HoldRow.self,
                    "SELECT authority, actor, day, wrap, sealed FROM case_hold WHERE report_id = \(id)"
                )
            )
        }
        try access.require(file.unit)
        guard let row else { return nil }
        guard let unitKey = access.unitKeys[file.unit] else { throw DomainError.forbidden }
        let key = try unitKey.unwrapKey(row.wrap, SealContext("hold-key", "\(id)"))
        let reason = try key.open(row.sealed, SealContext("hold", "\(id)"))
        return CaseHold(
            authority: row.authority,
            reason: String(decoding: reason, as: UTF8.self),
            actor: row.actor,
            day: row.day
        )
    }
}
