import DataFiles

/// When a question is asked, an option offered or a problem named.
package indirect enum Condition: Sendable, Equatable {
    /// At least one of these options was chosen.
    case chosen(question: String, options: [String])
    case any([Condition])
    case all([Condition])
    case not(Condition)

    package func holds(for answers: Answers) -> Bool {
        switch self {
        case .chosen(let question, let options): !answers[question].isDisjoint(with: options)
        case .any(let conditions): conditions.contains { $0.holds(for: answers) }
        case .all(let conditions): conditions.allSatisfy { $0.holds(for: answers) }
        case .not(let condition): !condition.holds(for: answers)
        }
    }

    /// Every question and option it speaks of, for checking that they exist.
    package var mentions: [(question: String, option: String)] {
        switch self {
        case .chosen(let question, let options): options.map { (question, $0) }
        case .any(let conditions), .all(let conditions): conditions.flatMap(\.mentions)
        case .not(let condition): condition.mentions
        }
    }
}

extension Condition: Decodable {
    private enum CodingKeys: String, CodingKey, CaseIterable { case question, `is`, any, all, not }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let conditions = try container.decodeIfPresent([Condition].self, forKey: .any) {
            self = .any(conditions)
        } else if let conditions = try container.decodeIfPresent([Condition].self, forKey: .all) {
            self = .all(conditions)
        } else if let condition = try container.decodeIfPresent(Condition.self, forKey: .not) {
            self = .not(condition)
        } else {
            self = .chosen(
                question: try container.decode(String.self, forKey: .question),
                options: try container.decode([String].self, forKey: .is)
            )
        }
    }
}

/// What was chosen so far: question to options. A question whose condition no longer holds has no entry.
package struct Answers: Sendable, Hashable {
    private var chosen: [String: Set<String>]

    package init(_ chosen: [String: Set<String>] = [:]) { self.chosen = chosen }

    package subscript(question: String) -> Set<String> {
        get { self.chosen[question] ?? [] }
        set { self.chosen[question] = newValue }
    }

    /// Whether the question was answered, if only with “none of these”.
    package func has(_ question: String) -> Bool { self.chosen[question] != nil }
    package mutating func remove(_ question: String) { self.chosen[question] = nil }
    package var questions: Set<String> { Set(self.chosen.keys) }
}
