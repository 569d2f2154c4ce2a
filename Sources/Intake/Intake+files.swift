import Foundation
import Kernel
import Storage
import Vault

extension Intake {
    /// What intake needs to take files. Without it no kind takes any.
    package struct Files: Sendable {
        package struct Limits: Sendable {
            /// Of one file.
            package let bytes: Int
            /// Of one report, whenever they came.
            package let count: Int

            package init(bytes: Int = 25 << 20, count: Int = 10) { (self.bytes, self.count) = (bytes, count) }
        }

        let store: BlobStore
        package let limits: Limits
        let detect: @Sendable (_ head: Data) async -> String?

        /// - Parameter detect: names the type of a file by its first 64 KiB, out of this process; `nil` if that failed.
        package init(store: BlobStore, limits: Limits, detect: @escaping @Sendable (_ head: Data) async -> String?) {
            self.store = store
            self.limits = limits
            self.detect = detect
        }
    }

    /// `nil` where the kind takes no files.
    package func fileLimits(_ questionnaire: Questionnaire) -> Files.Limits? {
        questionnaire.files ? self.files?.limits : nil
    }

    /// For the files of a new report.
    package func delivery(for questionnaire: Questionnaire) -> FileDelivery {
        FileDelivery(questionnaire.files ? self.files : nil, room: self.files?.limits.count ?? 0)
    }

    /// For files added to a report.
    package func delivery(in visit: ReporterVisit) async throws -> FileDelivery {
        let report = visit.report.id
        let (count, isLocked) = try await self.database.read { tx in
            (try Self.fileCount(of: report, tx), try self.areFilesLocked(report, tx))
        }
        let takes = !isLocked && self.questionnaires[visit.report.kind]?.questionnaire.files == true
        return FileDelivery(takes ? self.files : nil, room: max(0, (self.files?.limits.count ?? 0) - count))
    }

    /// Adds files to a report. A retry of the same form adds nothing that is there already.
    package func add(_ delivery: FileDelivery, formToken: String, in visit: ReporterVisit) async throws {
        let report = visit.report.id
        let received = try await delivery.finish()
        if received.isEmpty { throw InputErrors("error.file.none", for: "files") }
        let now = self.clock.now()
        let sealed = try received.map {
            try SealedFile(
                $0,
                once: self.once(formToken, $0),
                at: now,
                report: report,
                box: visit.key.box.publicBox
            )
        }
        let most = self.files?.limits.count ?? 0
        for _ in 0..<3 {
            do {
                let kept = try await self.database.write { tx -> Set<String> in
                    if try self.areFilesLocked(report, tx) { throw DomainError.conflict("intake.files-locked") }
                    let known = try tx.values(String.self, "SELECT once FROM attachment WHERE report_id = \(report)")
                    let new = sealed.filter { !known.contains($0.once) }
                    if new.isEmpty { return [] }
                    if known.count + new.count > most {
                        var errors = InputErrors()
                        errors.add("error.file.too-many", for: "files", limit: most)
                        throw errors
                    }
                    try self.insert(new, report: report, day: Day(now), tx)
                    try self.onAdded(tx, report, .addedFiles)
                    return Set(new.map(\.blob))
                }
                return await delivery.remove(Set(sealed.map(\.blob)).subtracting(kept))
            } catch StorageError.unique {
                // The same form came twice at the same moment; on the next turn its files are known.
                continue
            }
        }
        throw DomainError.conflict("casework.changed-meanwhile")
    }

    func insert(_ files: [SealedFile], report: Report.ID, day: Day, _ tx: WriteTransaction) throws {
        var position =
            try tx.value(
                Int.self,
                "SELECT coalesce(max(position) + 1, 0) FROM attachment WHERE report_id = \(report)"
            ) ?? 0
        var seen: Set<String> = []
        for file in files where seen.insert(file.once).inserted {
            try tx.execute(
                """
                INSERT INTO attachment \(values: [
                    "id": file.id, "report_id": report, "position": position, "day": day, "once": file.once,
                    "blob_id": file.blob, "size": file.size, "wrap": file.wrap, "sealed": file.sealed,
                ])
                """
            )
            position += 1
        }
    }

    /// Names a file of a form without telling anything about either.
    func once(_ formToken: String, _ file: ReceivedFile) -> String {
        self.keys.fileIndex.token("attachment", "\(formToken)\n\(file.sha256)\n\(file.name)")
    }

    private static func fileCount(of report: Report.ID, _ tx: ReadTransaction) throws -> Int {
        try tx.value(Int.self, "SELECT count(*) FROM attachment WHERE report_id = \(report)") ?? 0
    }

    // MARK: Reading

    static func fileRows(of report: Report.ID, _ tx: ReadTransaction) throws -> [SealedFile.Row] {
        try tx.all(
            SealedFile.Row.self,
            "SELECT \(Attachment.columns) FROM attachment WHERE report_id = \(report) ORDER BY position"
        )
    }

    /// A file to read. The caller has made sure that the person may, and has recorded it.
    package func file(_ id: Attachment.ID, of report: Report.ID, with key: ReportKey) async throws -> OpenedFile {
        let row = try await self.database.read { tx in
            if try self.areFilesLocked(report, tx) { throw DomainError.conflict("intake.files-locked") }
            return try tx.one(
                SealedFile.Row.self,
                "SELECT \(Attachment.columns) FROM attachment WHERE id = \(id) AND report_id = \(report)"
            )
        }
        guard let row else { throw DomainError.notFound }
        let (file, fileKey) = try SealedFile.open(row, report: report, key: key)
        guard let reader = try await self.files?.store.open(row.blobId) else { throw DomainError.notFound }
        return OpenedFile(file: file, reader: reader, key: fileKey, context: ReceivedFile.context(row.blobId))
    }

    // MARK: Lock

    /// From now on nobody reads or adds a file of this report, whatever its category becomes later. Undone by nobody
    /// here: that takes two people and the record of the hand-over.
    package func lockFiles(of report: Report.ID, day: Day, _ tx: WriteTransaction) throws {
        try tx.execute("UPDATE report SET files_locked = \(day) WHERE id = \(report) AND files_locked IS NULL")
    }

    package func areFilesLocked(_ report: Report.ID, _ tx: ReadTransaction) throws -> Bool {
        try tx.value(Int.self, "SELECT 1 FROM report WHERE id = \(report) AND files_locked IS NOT NULL") != nil
    }

    // MARK: Order on the disk

    /// Removes blobs that no row names: of forms that were never finished, of processes that ended, of reports that are
    /// gone. Young ones may belong to a form that is still arriving.
    /// - Returns: how many.
    @discardableResult
    package func collectFiles(olderThan seconds: TimeInterval = 3600) async throws -> Int {
        guard let store = self.files?.store else { return 0 }
        // In this order: a row that is committed after the list was read has a young blob.
        let candidates = try await store.orphans(known: [], olderThan: seconds)
        let known = Set(try await self.database.read { try $0.values(String.self, "SELECT blob_id FROM attachment") })
        let orphans = candidates.filter { !known.contains($0) }
        for blob in orphans { try await store.remove(blob) }
        return try await orphans.count + store.removeLeftovers(olderThan: seconds)
    }
}
