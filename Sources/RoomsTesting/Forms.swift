import Foundation
import Intake

/// Kinds of report of the tests' own, so that editors may change theirs.
package enum Forms {
    package static func questionnaires() async throws -> Questionnaires {
        try await Repository.withFolder(Self.files) { try Questionnaires.load(resources: $0) }
    }

    package static func text(_ word: String) -> String { "{fr: \(word), ar: \(word), en: \(word), zgh: \(word)}" }

    private static func head(_ id: String, category: String) -> String {
        "id: \(id)\ncategory: \(category)\ntitle: \(Self.text("Title"))\nlead: \(Self.text("Lead"))\n"
    }

    package static let files = [
        "questionnaires/story.yaml": Self.head("story", category: "scam") + """
            files: false
            identity: [anonymous, confidential, named]
            items: [url, phone, email, account, iban]
            fields:
              - id: channel
                kind: single
                label: \(Self.text("Channel"))
                options:
                  - {id: sms, text: \(Self.text("SMS"))}
                  - {id: mail, text: \(Self.text("Mail"))}
              - id: number
                kind: text
                label: \(Self.text("Number"))
                when: {question: channel, is: [sms]}
                max: 40
              - id: losses
                kind: multiple
                label: \(Self.text("Losses"))
                options:
                  - {id: money, text: \(Self.text("Money"))}
                  - {id: data, text: \(Self.text("Data"))}
              - id: day
                kind: date
                label: \(Self.text("Day"))
              - id: amount
                kind: amount
                label: \(Self.text("Amount"))
              - id: story
                kind: long
                label: \(Self.text("Story"))
                required: true
                max: 4000
            """,
        "questionnaires/danger.yaml": Self.head("danger", category: "sextortion") + """
            imminent_danger: true
            files: false
            identity: [anonymous]
            fields:
              - {id: story, kind: long, label: \(Self.text("Story")), max: 4000}
            """,
        "questionnaires/child-abuse.yaml": Self.head("child-abuse", category: "child-abuse") + """
            route: child
            files: false
            identity: [anonymous]
            items: [url]
            fields:
              - {id: story, kind: long, label: \(Self.text("Story")), max: 4000}
            """,
    ]
}
