import Foundation
import Intake
import Kernel
import Storage

extension Casework {
    /// The category whose files nobody opens: two people decide on their hand-over, not one analyst.
    package static let lockingCategory = "child-abuse"

    /// Whether a case's files may be read at all. A lock once set stays, whatever the category becomes.
    func areFilesLocked(_ file: CaseFile, _ tx: ReadTransaction) throws -> Bool {
        try file.category == Self.lockingCategory || self.intake.areFilesLocked(file.reportId, tx)
    }

    /// Opens a file of a case for reading. That somebody did is on record before the first byte; that somebody was
    /// refused too.
    package func file(
        _ attachment: Attachment.ID,
        of id: Report.ID,
        for access: DeskAccess
    ) async throws -> OpenedFile {
        let file = try await self.database.read { try self.file(id, $0) }
        try access.require(file.unit)
        let key = try await self.intake.key(of: id, unitKeys: access.unitKeys)
        let isLocked = try await self.database.read { try self.areFilesLocked(file, $0) }
        // Opened first, so that a file which is not there leaves no entry that it was read.
        let opened = isLocked ? nil : try await self.intake.file(attachment, of: id, with: key)
        let today = self.clock.today()
        let isRefused = try await self.database.write { tx in
            let isRefused = try opened == nil || self.areFilesLocked(self.file(id, tx), tx)
            try self.audit.record(
                tx,
                actor: "\(access.principal.id)",
                action: isRefused ? "casework.file.refused" : "casework.file.read",
                subject: "\(id)",
                detail: ["file": "\(attachment)"],
                day: today
            )
            return isRefused
        }
        guard let opened, !isRefused else { throw DomainError.conflict("intake.files-locked") }
        return opened
    }
}
