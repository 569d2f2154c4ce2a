import Foundation
import Indicators
import Intake
import Kernel
import Storage

/// What the queue is narrowed to.
package struct QueueFilter: Sendable, Equatable {
    package enum View: String, CaseIterable, Sendable { case open, mine, unread, unassigned, closed }

    package var view: View
    package var category: String?
    package var urgency: Urgency?

    package init(view: View = .open, category: String? = nil, urgency: Urgency? = nil) {
        self.view = view
        self.category = category
        self.urgency = urgency
    }
}

package struct QueuePage: Sendable {
    package let cases: [CaseFile]
    /// Where the next page begins; `nil` on the last.
    package let next: String?

    package init(cases: [CaseFile], next: String?) {
        self.cases = cases
        self.next = next
    }
}

package struct QueueCounts: Sendable {
    /// Counted no further than one more than this, so that the queue costs the same however many cases there are; nobody
    /// needs to know whether it is 40,000 or 41,000 that wait.
    package static let most = 1000

    package let byView: [QueueFilter.View: Int]
}

extension Casework {
    /// Most urgent first, then the oldest. Pages follow a cursor and not a number, so that the cost of a page does not
    /// depend on how many cases there are.
    package func queue(
        _ filter: QueueFilter,
        after cursor: String? = nil,
        limit: Int = 50,
        for access: DeskAccess
    ) async throws -> QueuePage {
        guard !access.units.isEmpty else { throw DomainError.forbidden }
        let narrowed = self.conditions(filter, access)
        let after = cursor.flatMap(Cursor.init)
        let limit = min(max(limit, 1), 200)
        let units = access.units
        let cases = try await self.database.read { tx in
            var cases: [CaseFile] = []
            for urgency in Urgency.allCases.reversed() {
                if let after, urgency.rawValue > after.urgency { continue }
                cases += try Self.level(urgency, units, narrowed, after, limit: limit + 1 - cases.count, tx)
                if cases.count > limit { break }
            }
            return cases
        }
        let page = Array(cases.prefix(limit))
        return QueuePage(cases: page, next: cases.count > limit ? page.last.map { Cursor($0).text } : nil)
    }

    /// The cases of one urgency. One question for each unit, because each then walks an index in its order and stops at
    /// the limit; asked for all at once, an engine would read and sort every case there is.
    private static func level(
        _ urgency: Urgency,
        _ units: [DeskUnit],
        _ narrowed: [SQL],
        _ after: Cursor?,
        limit: Int,
        _ tx: ReadTransaction
    ) throws -> [CaseFile] {
        let begins = after.flatMap { $0.urgency == urgency.rawValue ? [$0.condition] : nil } ?? []
        let cases = try units.flatMap { unit in
            let own: [SQL] = ["unit = \(unit.rawValue)", "urgency = \(urgency.rawValue)"]
            return try tx.all(
                CaseFile.self,
                """
                SELECT \(Self.columns) FROM case_file WHERE \(SQL.joined(own + narrowed + begins, " AND "))
                ORDER BY received_day, report_id LIMIT \(limit)
                """
            )
        }
        if units.count == 1 { return cases }
        let sorted = cases.sorted {
            ($0.receivedDay.rawValue, "\($0.reportId)") < ($1.receivedDay.rawValue, "\($1.reportId)")
        }
        return Array(sorted.prefix(limit))
    }

    /// For the tabs above the queue.
    package func counts(for access: DeskAccess) async throws -> QueueCounts {
        guard !access.units.isEmpty else { throw DomainError.forbidden }
        let units = access.units
        let views = QueueFilter.View.allCases.map { ($0, self.conditions(QueueFilter(view: $0), access)) }
        return try await self.database.read { tx in
            var byView: [QueueFilter.View: Int] = [:]
            for (view, conditions) in views {
                for unit in units {
                    let all = SQL.joined(["unit = \(unit.rawValue)"] + conditions, " AND ")
                    let most = QueueCounts.most + 1
                    byView[view, default: 0] +=
                        try tx.value(
                            Int.self,
                            "SELECT count(*) FROM (SELECT 1 FROM case_file WHERE \(all) LIMIT \(most)) AS counted"
                        ) ?? 0
                }
            }
            return QueueCounts(byView: byView)
        }
    }

    /// By reference, or by an indicator as it was written.
    package func search(_ text: String, for access: DeskAccess) async throws -> [CaseFile] {
        guard !access.units.isEmpty else { throw DomainError.forbidden }
        let text = text.trimmed
        var ids: Set<Report.ID> = []
        for kind in Indicator.Kind.allCases {
            ids.formUnion(try await self.intake.reports(naming: Indicator(kind: kind, written: text)))
        }
        let digits = text.filter(\.isWholeNumber)
        let found = Array(ids)
        let units = access.units.map(\.rawValue)
        return try await self.database.read { tx in
            try tx.all(
                CaseFile.self,
                """
                SELECT \(Self.columns) FROM case_file
                WHERE unit IN \(list: units) AND (reference = \(digits) OR report_id IN \(list: found))
                ORDER BY received_day DESC, report_id LIMIT 100
                """
            )
        }
    }

    /// What narrows the queue beside unit and urgency. A case is open as long as it has no closing reason (the table sees
    /// to that); said this way, and without bound values, it is also the condition of the indexes.
    private func conditions(_ filter: QueueFilter, _ access: DeskAccess) -> [SQL] {
        var conditions: [SQL] =
            switch filter.view {
            case .open: ["closing_reason IS NULL"]
            case .mine: ["closing_reason IS NULL", "assignee_id = \(access.principal.id)"]
            case .unread: ["closing_reason IS NULL", "unread > 0"]
            case .unassigned: ["closing_reason IS NULL", "assignee_id IS NULL"]
            case .closed: ["state = 'closed'"]
            }
        if let category = filter.category { conditions.append("category = \(category)") }
        if let urgency = filter.urgency { conditions.append("urgency = \(urgency.rawValue)") }
        return conditions
    }

    /// The last row of a page, as text in an address.
    private struct Cursor {
        let urgency: Int
        let day: String
        let id: String

        init(_ file: CaseFile) {
            (self.urgency, self.day, self.id) = (file.urgency.rawValue, file.receivedDay.rawValue, "\(file.reportId)")
        }

        init?(_ text: String) {
            let parts = text.split(separator: "_").map(String.init)
            guard parts.count == 3, let urgency = Int(parts[0]), Day(rawValue: parts[1]) != nil,
                Report.ID(parts[2]) != nil
            else { return nil }
            (self.urgency, self.day, self.id) = (urgency, parts[1], parts[2])
        }

        var text: String { "\(self.urgency)_\(self.day)_\(self.id)" }

        /// Within the cursor's own urgency.
        var condition: SQL { "(received_day, report_id) > (\(self.day), \(self.id))" }
    }
}
