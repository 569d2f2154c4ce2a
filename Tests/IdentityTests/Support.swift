import Casework
import Identity
import Intake
import RoomsTesting

extension Rooms {
    /// Whether this session opens the case and finds this story in it.
    func reads(_ story: String, in id: Report.ID, as session: StaffSession) async throws -> Bool {
        let opened = try await self.casework.open(id, for: try await self.access(session))
        return opened.opened.entries.contains { entry in
            guard case .answers(let answers) = entry.body else { return false }
            return answers.answers.values.contains { $0.contains { $0.contains(story) } }
        }
    }
}
