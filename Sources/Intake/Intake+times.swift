import Foundation
import Kernel
import Storage
import Vault

extension Intake {
    private struct Row: Decodable {
        let id: Identifier<Entry>
        let wrap: Data
        let sealed: Data
    }

    /// The exact times at which the reporter said something, the earliest first. Nothing of what was said comes out.
    package func reporterTimes(of report: Report.ID, unitKeys: [DeskUnit: PrivateBox]) async throws -> [Date] {
        let key = try await self.key(of: report, unitKeys: unitKeys)
        let rows = try await self.database.read { tx in
            try tx.all(
                Row.self,
                """
                SELECT id, wrap, sealed FROM report_entry
                WHERE report_id = \(report) AND author = \(Entry.Author.reporter.rawValue) ORDER BY position
                """
            )
        }
        return try rows.map { row in
            let cell = Sealing.Cell(wrap: row.wrap, sealed: row.sealed)
            return try Sealing.open(
                Entry.Body.self,
                cell,
                kind: "entry",
                report: report,
                row: row.id.description,
                key: key
            ).at
        }
    }
}
