import Foundation
import Intake
import Kernel
import Storage

/// An urgent case with something nobody has read.
package struct UrgentCase: Sendable {
    package let file: CaseFile
    /// When the oldest unread thing was told, or a little earlier; `nil` when this session holds no key to know it.
    package let since: Date?
}

extension Casework {
    /// Most cases the on-call page shows.
    package static let mostOnCall = 50

    /// Urgent cases that wait for somebody to read them, the longest waiting first. Opens times, no content.
    package func onCall(for access: DeskAccess) async throws -> [UrgentCase] {
        guard !access.units.isEmpty else { throw DomainError.forbidden }
        let units = access.units.map(\.rawValue)
        let openStates = CaseState.allCases.filter(\.isOpen).map(\.rawValue)
        let files = try await self.database.read { tx in
            try tx.all(
                CaseFile.self,
                """
                SELECT \(Self.columns) FROM case_file
                WHERE unit IN \(list: units) AND state IN \(list: openStates)
                    AND urgency = \(Urgency.imminentDanger.rawValue) AND unread > 0
                ORDER BY received_day, report_id LIMIT \(Self.mostOnCall)
                """
            )
        }
        var waiting: [UrgentCase] = []
        for file in files {
            var since: Date?
            if access.unitKeys[file.unit] != nil {
                let times = try await self.intake.reporterTimes(of: file.reportId, unitKeys: access.unitKeys)
                // Additions without words leave no time of their own, so this errs on the early side.
                if !times.isEmpty { since = times[max(0, times.count - file.unread)] }
            }
            waiting.append(UrgentCase(file: file, since: since))
        }
        return waiting.sorted {
            ($0.since ?? .distantPast, $0.file.reference) < ($1.since ?? .distantPast, $1.file.reference)
        }
    }
}
