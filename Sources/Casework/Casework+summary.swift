import Intake
import Kernel
import Storage

extension Casework {
    /// What the queue shows of one case: nothing is opened, so nothing is recorded.
    package func summary(_ id: Report.ID, for access: DeskAccess) async throws -> CaseFile {
        let file = try await self.database.read { try self.file(id, $0) }
        try access.require(file.unit)
        return file
    }
}
