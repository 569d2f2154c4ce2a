import DataFiles
import Kernel

/// The questions of guided help, as `guidance/tree.yaml` has them.
package struct Tree: Decodable, Sendable {
    package let questions: [Question]
    package let measures: [Measure]

    private enum CodingKeys: String, CodingKey, CaseIterable { case questions, measures }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.questions = try container.decode([Question].self, forKey: .questions)
        self.measures = try container.decodeIfPresent([Measure].self, forKey: .measures) ?? []
    }

    package func question(_ id: String) -> Question? { self.questions.first { $0.id == id } }
}

package struct Question: Decodable, Sendable {
    package enum Kind: String, Decodable, Sendable { case single, multiple }

    package let id: String
    package let kind: Kind
    package let text: LocalizedText
    package let hint: LocalizedText?
    package let when: Condition?
    package let options: [Option]

    private enum CodingKeys: String, CodingKey, CaseIterable { case id, kind, text, hint, when, options }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.kind = try container.decode(Kind.self, forKey: .kind)
        self.text = try container.decode(LocalizedText.self, forKey: .text)
        self.hint = try container.decodeIfPresent(LocalizedText.self, forKey: .hint)
        self.when = try container.decodeIfPresent(Condition.self, forKey: .when)
        self.options = try container.decode([Option].self, forKey: .options)
    }
}

package struct Option: Decodable, Sendable {
    package let id: String
    package let text: LocalizedText
    package let hint: LocalizedText?
    package let when: Condition?
    /// Answers that choosing this gives to other questions, which are then not asked.
    package let sets: [String: String]
    /// Whom this names, first condition that holds; empty when the questions go on.
    package let problems: [NamedProblem]
    package let measures: [String]

    package struct NamedProblem: Decodable, Sendable {
        package let id: String
        package let when: Condition?
    }

    private enum CodingKeys: String, CodingKey, CaseIterable { case id, text, hint, when, sets, problem, measures }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.text = try container.decode(LocalizedText.self, forKey: .text)
        self.hint = try container.decodeIfPresent(LocalizedText.self, forKey: .hint)
        self.when = try container.decodeIfPresent(Condition.self, forKey: .when)
        self.sets = try container.decodeIfPresent([String: String].self, forKey: .sets) ?? [:]
        self.measures = try container.decodeIfPresent([String].self, forKey: .measures) ?? []
        if let id = try? container.decodeIfPresent(String.self, forKey: .problem) {
            self.problems = [NamedProblem(id: id, when: nil)]
        } else {
            self.problems = try container.decodeIfPresent([NamedProblem].self, forKey: .problem) ?? []
        }
    }
}

/// What protects against the next time.
package struct Measure: Decodable, Sendable {
    package let id: String
    /// 1 urgent, 2 important, 3 useful.
    package let level: Int
    package let order: Int
    package let text: LocalizedText
    package let guide: String?

    /// A total order, so that two servers and two visits show the same list: level, then order, then id.
    package static func precedes(_ left: Measure, _ right: Measure) -> Bool {
        (left.level, left.order, left.id) < (right.level, right.order, right.id)
    }
}
