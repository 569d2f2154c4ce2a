import Foundation
import Intake
import Kernel

/// What the desk sees of a report without opening it.
package struct CaseFile: Decodable, Sendable {
    package let reportId: Report.ID
    package let reference: String
    package let kind: String
    package let category: String
    package let unit: DeskUnit
    package let language: Language
    package let identity: Questionnaire.Identity
    package let state: CaseState
    package let closingReason: ClosingReason?
    package let urgency: Urgency
    package let receivedDay: Day
    package let acknowledgedDay: Day?
    package let closedDay: Day?
    package let assigneeId: Identifier<Principal>?
    package let lockId: Identifier<Principal>?
    package let lockUntil: Date?
    package let unread: Int
    /// Raised with every change; a change made on an older version is refused.
    package let version: Int

    /// Who is working on it right now, if not this person.
    package func lockedBy(otherThan person: Identifier<Principal>, at now: Date) -> Identifier<Principal>? {
        guard let lockId, lockId != person, let lockUntil, lockUntil > now else { return nil }
        return lockId
    }
}

/// How soon a case must be looked at: shown as bars and as a word.
package enum Urgency: Int, Codable, CaseIterable, Sendable, Comparable {
    case low = 0, normal, high, imminentDanger

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// What happened to a case, when (to the day) and by whom.
package struct CaseTransition: Decodable, Sendable {
    package let position: Int
    package let fromState: CaseState
    package let toState: CaseState
    package let reason: String?
    package let actor: String
    package let day: Day
}

/// The judgement on one indicator.
package struct ItemAssessment: Decodable, Sendable {
    package let itemId: Identifier<Item>
    package let state: ItemState
    /// A code of the loaded taxonomy; empty while unassessed.
    package let grade: String
}

/// A note for colleagues; the reporter never reads it.
package struct CaseNote: Sendable {
    package let id: Identifier<CaseNote>
    package let actor: String
    package let at: Date
    package let text: String
}

/// The days until which the reporter must have heard from us.
package struct Deadlines: Sendable, Equatable {
    /// At most seven days after receipt (invariant I-f).
    package let acknowledgement: Day
    /// At most three months after the acknowledgement (invariant I-f).
    package let feedback: Day

    package init(receivedDay: Day, acknowledgedDay: Day?, acknowledgeDays: Int, feedbackMonths: Int) {
        self.acknowledgement = receivedDay + min(max(acknowledgeDays, 0), 7)
        // The shortest that so many months can be: 1 February to 1 May has 89 days.
        self.feedback =
            (acknowledgedDay ?? self.acknowledgement) + [0, 28, 59, 89][min(max(feedbackMonths, 0), 3)]
    }
}
