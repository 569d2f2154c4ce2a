import Foundation
import Kernel
import Storage

extension Intake {
    /// Erases a report as part of the caller's transaction: the wraps of its key, the reporter's key, every entry and
    /// item with theirs, its rows in the index and its visits. From then on its code opens nothing, and whoever has an
    /// older copy of the sealed content has no key to it here.
    ///
    /// The blobs of its files are without key from then on; the daily job takes them off the disk.
    ///
    /// SQLite overwrites what is deleted (`secure_delete`); the log beside the file keeps it until the next checkpoint.
    /// - Returns: the ids of its files, which the caller removes from the store when this is committed.
    /// - Throws: `DomainError.notFound` when there is no such report.
    package static func destroy(_ report: Report.ID, _ tx: WriteTransaction) throws -> [String] {
        let files = try tx.values(String.self, "SELECT blob_id FROM attachment WHERE report_id = \(report)")
        // By name and not by cascade alone: what is promised to be gone is listed here.
        for table in ["reporter_session", "indicator_index", "report_item", "report_entry", "attachment"] {
            try tx.execute("DELETE FROM \(raw: table) WHERE report_id = \(report)")
        }
        guard try tx.execute("DELETE FROM report WHERE id = \(report)") == 1 else { throw DomainError.notFound }
        return files
    }
}
