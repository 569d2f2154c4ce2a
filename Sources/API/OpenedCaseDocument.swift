import Casework
import Foundation
import Indicators
import Intake
import Kernel

/// A case as an analyst reads it. Indicators come in a form that opens nothing.
struct OpenedCaseDocument: Encodable {
    struct IndicatorView: Encodable {
        let id: String
        let kind: String
        let defanged: String
        let state: String
        let classification: String?
        let nextStates: [String]
        let related: [RelatedView]
    }

    struct RelatedView: Encodable {
        let id: String
        let reference: String
    }

    struct Message: Encodable {
        let id: String
        let author: String
        let sentAt: Date
        let text: String
    }

    struct Note: Encodable {
        let id: String
        let author: PersonDocument?
        let at: Date
        let text: String
    }

    struct Transition: Encodable {
        let from: String
        let to: String
        let reason: String?
        /// Absent where the reporter caused it.
        let actor: PersonDocument?
        let on: Day
    }

    struct Contact: Encodable {
        let name: String?
        let contact: String?
    }

    let `case`: CaseDocument
    let answers: [String: [String]]
    let diagnosis: [String: [String]]
    let reporter: [Contact]
    let indicators: [IndicatorView]
    let messages: [Message]
    let notes: [Note]
    let transitions: [Transition]
    /// Events that `POST …/transitions` takes now, and whether triage is still to be done.
    let nextEvents: [String]

    init(_ opened: OpenedCase, _ names: [Identifier<Principal>: String], _ api: DeskAPI) {
        var answers: [String: [String]] = [:]
        var diagnosis: [String: [String]] = [:]
        var reporter: [Contact] = []
        var messages: [Message] = []
        for entry in opened.opened.entries {
            switch entry.body {
            case .answers(let told):
                (answers, diagnosis) = (told.answers, told.help)
                if told.name != nil || told.contact != nil {
                    reporter.append(Contact(name: told.name, contact: told.contact))
                }
            case .message(let text):
                messages.append(
                    Message(id: "\(entry.id)", author: entry.author.rawValue, sentAt: entry.at, text: text)
                )
            case .identity(let name, let contact): reporter.append(Contact(name: name, contact: contact))
            case .status, .receipt: break
            }
        }
        self.case = CaseDocument(opened.file, names, api)
        self.answers = answers
        self.diagnosis = diagnosis
        self.reporter = reporter
        self.messages = messages
        self.indicators = opened.opened.items.map { item in
            let assessment = opened.assessments[item.id]
            let state = assessment?.state ?? .unassessed
            return IndicatorView(
                id: "\(item.id)",
                kind: item.indicator.kind.rawValue,
                defanged: item.indicator.defanged,
                state: state.rawValue,
                classification: assessment.flatMap { $0.grade.isEmpty ? nil : $0.grade },
                nextStates: state.offered.map(\.rawValue),
                related: (opened.related[item.id] ?? []).map {
                    RelatedView(id: "\($0.reportId)", reference: $0.reference)
                }
            )
        }
        self.notes = opened.notes.map {
            Note(
                id: "\($0.id)",
                author: Identifier<Principal>($0.actor).map { PersonDocument($0, names) },
                at: $0.at,
                text: $0.text
            )
        }
        self.transitions = opened.transitions.map {
            Transition(
                from: $0.fromState.rawValue,
                to: $0.toState.rawValue,
                reason: $0.reason,
                actor: Identifier<Principal>($0.actor).map { PersonDocument($0, names) },
                on: $0.day
            )
        }
        var events: [String] = []
        for event in opened.file.state.offered {
            let name =
                switch event {
                case .start: "start"
                case .askReporter: "ask-reporter"
                case .close: "close"
                case .reopen: "reopen"
                case .triage, .reporterAnswered, .purge: ""
                }
            if !name.isEmpty, !events.contains(name) { events.append(name) }
        }
        self.nextEvents = events
    }
}
