import Foundation
import Intake
import Kernel
import Storage

/// What became of an action on many cases: those that could not be changed are named, the others are done.
package struct BulkResult: Sendable {
    package let done: Int
    package let refused: [Report.ID]
}

/// A case as somebody saw it in a list.
package struct SeenCase: Sendable, Hashable {
    package let id: Report.ID
    package let version: Int

    package init(id: Report.ID, version: Int) {
        self.id = id
        self.version = version
    }

    /// `ID:VERSION`, as the list's form carries it.
    package init?(_ text: String) {
        let parts = text.split(separator: ":").map(String.init)
        guard parts.count == 2, let id = Report.ID(parts[0]), let version = Int(parts[1]) else { return nil }
        self.init(id: id, version: version)
    }

    package var text: String { "\(self.id):\(self.version)" }
}

extension Casework {
    /// Most cases one action may touch.
    package static let mostAtOnce = 200

    /// Takes many cases for oneself. Each is a change of its own, so that one colleague at work does not stop the rest.
    package func take(_ cases: [SeenCase], for access: DeskAccess) async throws -> BulkResult {
        try access.principal.require(.workCases)
        guard !cases.isEmpty, cases.count <= Self.mostAtOnce else {
            throw InputErrors("error.choose", for: "queue")
        }
        var refused: [Report.ID] = []
        for seen in cases {
            do { try await self.take(seen.id, version: seen.version, for: access) } catch is DomainError {
                refused.append(seen.id)
            }
        }
        return BulkResult(done: cases.count - refused.count, refused: refused)
    }

    /// The cases of a filter for a spreadsheet, at most 10,000; who took them out is in the log.
    package func export(_ filter: QueueFilter, for access: DeskAccess) async throws -> [CaseFile] {
        var cases: [CaseFile] = []
        var cursor: String?
        repeat {
            let page = try await self.queue(filter, after: cursor, limit: 200, for: access)
            cases += page.cases
            cursor = page.next
        } while cursor != nil && cases.count < 10_000
        let count = cases.count
        let today = self.clock.today()
        try await self.database.write { tx in
            try self.audit.record(
                tx,
                actor: "\(access.principal.id)",
                action: "casework.queue.exported",
                subject: "queue",
                detail: ["cases": String(count)],
                day: today
            )
        }
        return cases
    }

    /// The chosen cases again, for the page that asks whether one is sure.
    package func files(_ ids: [Report.ID], for access: DeskAccess) async throws -> [CaseFile] {
        let units = access.units.map(\.rawValue)
        return try await self.database.read { tx in
            try tx.all(
                CaseFile.self,
                """
                SELECT \(Self.columns) FROM case_file WHERE report_id IN \(list: ids) AND unit IN \(list: units)
                ORDER BY urgency DESC, received_day, report_id
                """
            )
        }
    }
}
