import Country
import Foundation
import Indicators
import Intake
import Kernel
import Vault

/// A session, said once.
struct SessionDocument: Encodable {
    let accessToken: String
    let tokenType = "Bearer"

    init(_ token: SecretToken) { self.accessToken = token.text }
}

/// A report as its reporter reads it.
struct FollowUpDocument: Encodable {
    struct ReportView: Encodable {
        let reference: String
        let kind: String
        let category: String
        let language: String
        let identity: String
        let receivedOn: Day
        let acknowledgeBy: Day
        let state: String
        let closingReason: String?
        let isOpen: Bool
        let answers: [String: [String]]
    }

    struct Message: Encodable {
        let id: String
        let author: String
        let sentAt: Date
        let text: String
    }

    struct Step: Encodable {
        let state: String
        let reason: String?
        let at: Date
    }

    struct ItemView: Encodable {
        let id: String
        let kind: String
        let value: String
    }

    let report: ReportView
    let items: [ItemView]
    let messages: [Message]
    let timeline: [Step]

    init(_ opened: OpenedReport, _ profile: CountryProfile) {
        var messages: [Message] = []
        var timeline: [Step] = []
        var answers: [String: [String]] = [:]
        var identity = opened.report.identity.rawValue
        for entry in opened.entries {
            switch entry.body {
            case .answers(let told):
                answers = told.answers
                timeline.append(Step(state: "received", reason: nil, at: entry.at))
            case .message(let text):
                messages.append(
                    Message(id: "\(entry.id)", author: entry.author.rawValue, sentAt: entry.at, text: text)
                )
            case .status(let state, let reason): timeline.append(Step(state: state, reason: reason, at: entry.at))
            case .identity(let name, _):
                identity = (name == nil ? Questionnaire.Identity.confidential : .named).rawValue
            case .receipt: break
            }
        }
        let state = timeline.last?.state ?? "received"
        let report = opened.report
        self.report = ReportView(
            reference: report.reference,
            kind: report.kind,
            category: report.category,
            language: report.language.rawValue,
            identity: identity,
            receivedOn: report.day,
            acknowledgeBy: report.day + min(profile.acknowledgeDays, 7),
            state: state,
            closingReason: timeline.last?.reason,
            isOpen: state != "closed" && state != "withdrawn",
            answers: answers
        )
        self.items = opened.items.map {
            ItemView(id: "\($0.id)", kind: $0.indicator.kind.rawValue, value: $0.indicator.written)
        }
        self.messages = messages
        self.timeline = timeline
    }
}
