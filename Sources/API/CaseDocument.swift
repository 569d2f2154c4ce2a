import Casework
import Country
import Foundation
import Identity
import Intake
import Kernel

/// A person of the desk.
struct PersonDocument: Encodable {
    let id: String
    let name: String

    init(_ id: Identifier<Principal>, _ names: [Identifier<Principal>: String]) {
        self.id = "\(id)"
        self.name = names[id] ?? ""
    }
}

/// What the queue knows of a case.
struct CaseDocument: Encodable {
    let id: String
    let reference: String
    let kind: String
    let category: String
    let unit: String
    let language: String
    let identity: String
    let state: String
    let closingReason: String?
    let urgency: String
    let receivedOn: Day
    let acknowledgedOn: Day?
    let closedOn: Day?
    /// The day until which the reporter must hear from us.
    let dueOn: Day?
    let assignee: PersonDocument?
    let lockedBy: PersonDocument?
    let unread: Int
    let version: Int

    static let urgencies: [String: Urgency] = Dictionary(
        uniqueKeysWithValues: Urgency.allCases.map { (Self.name(of: $0), $0) }
    )

    static func name(of urgency: Urgency) -> String {
        switch urgency {
        case .low: "low"
        case .normal: "normal"
        case .high: "high"
        case .imminentDanger: "imminent-danger"
        }
    }

    init(_ file: CaseFile, _ names: [Identifier<Principal>: String], _ api: DeskAPI) {
        let deadlines = Deadlines(
            receivedDay: file.receivedDay,
            acknowledgedDay: file.acknowledgedDay,
            acknowledgeDays: api.country.profile.acknowledgeDays,
            feedbackMonths: api.country.profile.feedbackMonths
        )
        self.id = "\(file.reportId)"
        self.reference = file.reference
        self.kind = file.kind
        self.category = file.category
        self.unit = file.unit.rawValue
        self.language = file.language.rawValue
        self.identity = file.identity.rawValue
        self.state = file.state.rawValue
        self.closingReason = file.closingReason?.rawValue
        self.urgency = Self.name(of: file.urgency)
        self.receivedOn = file.receivedDay
        self.acknowledgedOn = file.acknowledgedDay
        self.closedOn = file.closedDay
        self.dueOn =
            file.state.isOpen
            ? (file.acknowledgedDay == nil ? deadlines.acknowledgement : deadlines.feedback) : nil
        self.assignee = file.assigneeId.map { PersonDocument($0, names) }
        let isLocked = file.lockUntil.map { $0 > api.shared.clock.now() } ?? false
        self.lockedBy = isLocked ? file.lockId.map { PersonDocument($0, names) } : nil
        self.unread = file.unread
        self.version = file.version
    }
}
