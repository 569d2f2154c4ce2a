import DataFiles
import Guidance
import RoomsTesting

/// The smallest files that are right, to break in one place.
enum SmallFiles {
    static let neighbours = Guidance.Neighbours(
        contacts: ["police", "bank"],
        sourcedContacts: ["police"],
        guides: ["first-aid"],
        reportKinds: ["story"]
    )

    static let tree = """
        questions:
          - id: who
            kind: single
            text: \(Forms.text("Who"))
            options:
              - id: me
                text: \(Forms.text("Me"))
              - id: firm
                text: \(Forms.text("Firm"))
          - id: what
            kind: single
            text: \(Forms.text("What"))
            when: {question: who, is: [me]}
            options:
              - id: card
                text: \(Forms.text("Card"))
                problem: fraud
              - id: other
                text: \(Forms.text("Other"))
                measures: [backup]
                problem: loss
          - id: size
            kind: single
            text: \(Forms.text("Size"))
            when: {question: who, is: [firm]}
            options:
              - id: small
                text: \(Forms.text("Small"))
                problem: fraud
              - id: big
                text: \(Forms.text("Big"))
                problem: loss
        measures:
          - {id: backup, level: 1, order: 1, text: \(Forms.text("Backup"))}
        """

    static func problemSource(_ id: String) -> String {
        """
        id: \(id)
        title: \(Forms.text("Title"))
        category: scam
        danger: money
        life_danger: false
        happening: \(Forms.text("Happening"))
        steps:
          - {act: \(Forms.text("One-\(id)")), how: \(Forms.text("How"))}
          - {act: \(Forms.text("Two-\(id)")), how: \(Forms.text("How")), within: 1h}
          - {act: \(Forms.text("Three-\(id)")), how: \(Forms.text("How"))}
          - {act: \(Forms.text("Four-\(id)")), how: \(Forms.text("How"))}
        deadline: none
        evidence:
          - \(Forms.text("Screens"))
          - \(Forms.text("Statements"))
        contacts: [police]
        guide: first-aid
        report:
          kind: story
        """
    }

    static func problem(_ id: String) throws -> Problem {
        try YAMLFile(name: "\(id).yaml", source: self.problemSource(id)).decode(Problem.self)
    }

    static let all = [
        "guidance/tree.yaml": Self.tree,
        "guidance/problems/fraud.yaml": Self.problemSource("fraud"),
        "guidance/problems/loss.yaml": Self.problemSource("loss"),
    ]
}
