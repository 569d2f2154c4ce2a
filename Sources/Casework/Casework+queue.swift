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
    package let byView: [QueueFilter.View: Int]
    package let byCategory: [String: Int]
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
        let conditions = self.conditions(filter, access)
        let after = cursor.flatMap(Cursor.init)
        let limit = min(max(limit, 1), 200)
        let cases = try await self.database.read { tx in
            try tx.all(
                CaseFile.self,
                """
                SELECT \(Self.columns) FROM case_file
                WHERE \(SQL.joined(conditions + (after.map { [$0.condition] } ?? []), " AND "))
                ORDER BY urgency DESC, received_day, report_id LIMIT \(limit + 1)
                """
            )
        }
        let page = Array(cases.prefix(limit))
        return QueuePage(cases: page, next: cases.count > limit ? page.last.map { Cursor($0).text } : nil)
    }

    /// For the tabs above the queue.
    package func counts(for access: DeskAccess) async throws -> QueueCounts {
        guard !access.units.isEmpty else { throw DomainError.forbidden }
        let views = QueueFilter.View.allCases.map { ($0, self.conditions(QueueFilter(view: $0), access)) }
        let open = self.conditions(QueueFilter(), access)
        return try await self.database.read { tx in
            var byView: [QueueFilter.View: Int] = [:]
            for (view, conditions) in views {
                byView[view] = try tx.value(
                    Int.self,
                    "SELECT count(*) FROM case_file WHERE \(SQL.joined(conditions, " AND "))"
                )
            }
            var byCategory: [String: Int] = [:]
            let rows = try tx.all(
                CategoryCount.self,
                """
                SELECT category, count(*) AS cases FROM case_file
                WHERE \(SQL.joined(open, " AND ")) GROUP BY category
                """
            )
            for row in rows { byCategory[row.category] = row.cases }
            return QueueCounts(byView: byView, byCategory: byCategory)
        }
    }

    private struct CategoryCount: Decodable {
        let category: String
        let cases: Int
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

    private func conditions(_ filter: QueueFilter, _ access: DeskAccess) -> [SQL] {
        let openStates = CaseState.allCases.filter(\.isOpen).map(\.rawValue)
        var conditions: [SQL] = ["unit IN \(list: access.units.map(\.rawValue))"]
        switch filter.view {
        case .open: conditions.append("state IN \(list: openStates)")
        case .mine:
            conditions += ["state IN \(list: openStates)", "assignee_id = \(access.principal.id)"]
        case .unread: conditions += ["state IN \(list: openStates)", "unread > 0"]
        case .unassigned: conditions += ["state IN \(list: openStates)", "assignee_id IS NULL"]
        case .closed: conditions.append("state = \(CaseState.closed.rawValue)")
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

        var condition: SQL {
            """
            (urgency < \(self.urgency) OR (urgency = \(self.urgency) AND (received_day, report_id) > (\(self.day), \(self.id))))
            """
        }
    }
}
