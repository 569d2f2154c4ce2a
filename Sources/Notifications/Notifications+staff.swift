import Foundation
import Kernel
import Mail
import Storage

/// What somebody on the desk wants to be told of.
package enum NoticeLevel: String, CaseIterable, Codable, Sendable { case none, urgent, all }

extension Notifications {
    struct StaffNotice: Decodable {
        let staffId: StaffID
        let level: NoticeLevel
        let language: Language
        let told: Int
    }

    package func level(of person: StaffID) async throws -> NoticeLevel {
        let level = try await self.database.read { tx in
            try tx.value(String.self, "SELECT level FROM staff_notice WHERE staff_id = \(person)")
        }
        return level.flatMap(NoticeLevel.init(rawValue:)) ?? .none
    }

    /// For oneself. Whether somebody may see the cases is asked again for every mail.
    /// - Parameter language: of the mails.
    package func choose(_ level: NoticeLevel, in language: Language, by principal: Principal) async throws {
        let today = self.clock.today()
        try await self.database.write { tx in
            if level == .none {
                try tx.execute("DELETE FROM staff_notice WHERE staff_id = \(principal.id)")
            } else {
                try tx.execute(
                    """
                    INSERT INTO staff_notice \(values: [
                        "staff_id": principal.id, "level": level.rawValue, "language": language.rawValue, "told": 0,
                    ])
                    ON CONFLICT (staff_id) DO UPDATE
                    SET level = excluded.level, language = excluded.language, told = excluded.told
                    """
                )
            }
            try self.audit.record(
                tx,
                actor: "\(principal.id)",
                action: "notification.staff.chosen",
                subject: "\(principal.id)",
                detail: ["level": level.rawValue],
                day: today
            )
        }
    }

    /// A case came in or became urgent. Those who report must not wait for each other, so who is to be told is found out
    /// by a job.
    struct Arrived: Job {
        static let name = "notification.arrived"

        let unit: DeskUnit
        let isUrgent: Bool
    }

    /// In the transaction that keeps the case.
    package func arrived(_ unit: DeskUnit, isUrgent: Bool, _ tx: WriteTransaction) throws {
        guard self.isOffered else { return }
        try Arrived(unit: unit, isUrgent: isUrgent).enqueue(tx, at: self.clock.today().start)
    }

    /// Somebody opened a case that had something unread: the desk is awake, and what comes next is told again.
    package func deskHasRead(_ tx: WriteTransaction) throws {
        try tx.execute("UPDATE staff_notice SET told = 0 WHERE told > 0")
    }

    /// The jobs of this room, and the sending of mails.
    package func register(on worker: JobWorker, mailer: any Mailer) {
        worker.register(Arrived.self) { try await self.tellDesk($0) }
        self.outbox.register(on: worker, mailer: mailer) { try await self.isWanted($0) }
    }

    private func tellDesk(_ arrived: Arrived) async throws {
        let weight = arrived.isUrgent ? 2 : 1
        let today = self.clock.today()
        try await self.database.write { tx in
            let notices = try tx.all(
                StaffNotice.self,
                "SELECT staff_id, level, language, told FROM staff_notice WHERE told < \(weight) ORDER BY staff_id"
            )
            if notices.isEmpty { return }
            let people = Dictionary(uniqueKeysWithValues: try self.staff(tx, arrived.unit).map { ($0.id, $0.email) })
            for notice in notices where arrived.isUrgent || notice.level == .all {
                // An account with an address that no relay takes is not a reason to leave the others out.
                guard let email = people[notice.staffId].flatMap({ EmailAddress($0) }), Message.isDeliverable(email)
                else { continue }
                try tx.execute("UPDATE staff_notice SET told = \(weight) WHERE staff_id = \(notice.staffId)")
                let message = try self.message(arrived.isUrgent ? .urgentCase : .newCase, to: email, notice.language)
                try self.outbox.enqueue(message, topic: "\(Topic.staff)/\(notice.staffId)/\(weight)", day: today, tx)
            }
        }
    }
}
