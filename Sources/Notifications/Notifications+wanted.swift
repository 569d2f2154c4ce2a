import Kernel
import Storage

/// What a mail in the outbox is about.
enum Topic: String { case news, staff }

extension Notifications {
    /// Asked before every try, which may be hours after the change: who has left or has read meanwhile gets no mail.
    func isWanted(_ topic: String) async throws -> Bool {
        let parts = topic.split(separator: "/").map(String.init)
        guard parts.count == 3 else { return true }
        switch Topic(rawValue: parts[0]) {
        case .news:
            guard let subject = SubjectID(parts[1]) else { return true }
            let row = try await self.database.read { try self.newsAddress(subject, $0) }
            return row.map { $0.told && $0.mark == parts[2] } ?? false
        case .staff:
            guard let person = StaffID(parts[1]), let weight = Int(parts[2]) else { return true }
            let told = try await self.database.read { tx in
                try tx.value(Int.self, "SELECT told FROM staff_notice WHERE staff_id = \(person)")
            }
            return (told ?? 0) >= weight
        case nil: return true
        }
    }
}
