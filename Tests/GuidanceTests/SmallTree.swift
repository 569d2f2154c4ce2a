import DataFiles
import Guidance
import Kernel
import RoomsTesting

/// Trees that nobody wrote: any mixture of questions, conditions, answers given in advance and problems named early, and
/// always a last question that leaves nobody without a problem.
struct SmallTree {
    let source: String
    let guidance: Guidance

    init(seed: UInt64) throws {
        var random = Seeded(seed)
        let count = random.number(2...6)
        let options = (0..<count).map { _ in random.number(2...4) }
        let kinds = (0..<count).map { _ in random.chance(30) ? "multiple" : "single" }
        func condition(before place: Int, _ random: inout Seeded, depth: Int = 0) -> String {
            let kind = depth > 1 ? 0 : random.number(0...5)
            switch kind {
            case 1, 2:
                let parts = (0...random.number(0...1)).map { _ in
                    condition(before: place, &random, depth: depth + 1)
                }
                return "{\(kind == 1 ? "any" : "all"): [\(parts.joined(separator: ", "))]}"
            case 3: return "{not: \(condition(before: place, &random, depth: depth + 1))}"
            default:
                let question = random.number(0...place - 1)
                let named = (0..<options[question]).filter { _ in random.chance(50) }.map { "o\($0)" }
                return "{question: q\(question), is: [\((named.isEmpty ? ["o0"] : named).joined(separator: ", "))]}"
            }
        }
        var lines = ["measures:"]
        for number in 0..<6 {
            lines.append(
                "  - {id: m\(random.number(0...1))\(number), level: \(random.number(1...2)), order: \(random.number(0...1)), text: \(Forms.text("x"))}"
            )
        }
        let measures = lines.dropFirst().map { String($0.dropFirst("  - {id: ".count).prefix(3)) }
        lines.append("questions:")
        for place in 0..<count {
            let isLast = place == count - 1
            lines.append("  - id: q\(place)")
            lines.append("    kind: \(isLast ? "single" : kinds[place])")
            lines.append("    text: \(Forms.text("q"))")
            if place > 0, !isLast, random.chance(50) {
                lines.append("    when: \(condition(before: place, &random))")
            }
            lines.append("    options:")
            for option in 0..<options[place] {
                lines.append("      - id: o\(option)")
                lines.append("        text: \(Forms.text("o"))")
                // Two options are always offered.
                if place > 0, option > 1, random.chance(40) {
                    lines.append("        when: \(condition(before: place, &random))")
                }
                if place < count - 2, random.chance(30) {
                    let other = random.number(place + 1...count - 2)
                    lines.append("        sets: {q\(other): o\(random.number(0...options[other] - 1))}")
                }
                if random.chance(50) { lines.append("        measures: [\(random.pick(measures))]") }
                if isLast || random.chance(20) { lines.append("        problem: p\(random.number(0...4))") }
            }
        }
        self.source = lines.joined(separator: "\n")
        let tree = try YAMLFile(name: "tree.yaml", source: self.source).decode(Tree.self)
        self.guidance = Guidance(tree: tree, problems: try (0...4).map { try SmallFiles.problem("p\($0)") })
    }
}

extension Guidance {
    /// What somebody may tick: each option alone; where several can be chosen also none, each pair, and all.
    func choices(_ question: Question, _ options: [Option]) -> [Set<String>] {
        let ids = options.map(\.id)
        let single = ids.map { Set([$0]) }
        guard question.kind == .multiple else { return single }
        let pairs = ids.indices.flatMap { left in ids[(left + 1)...].map { Set([ids[left], $0]) } }
        return Array(Set([[]] + single + pairs + [Set(ids)]))
    }

    /// One stop on a way through the questions.
    struct Stop {
        let answers: Answers
        let step: Step
        /// What was asked and chosen to come here.
        let way: [(question: Question, chosen: Set<String>)]
    }

    /// Every stop of every way. A way longer than `limit` stops there.
    func walk(from start: Answers = Answers(), limit: Int = 12, _ visit: (Stop) throws -> Void) throws {
        func go(_ answers: Answers, _ way: [(question: Question, chosen: Set<String>)]) throws {
            let step = self.next(after: answers)
            try visit(Stop(answers: answers, step: step, way: way))
            guard way.count < limit, case .ask(let question, let options) = step else { return }
            for chosen in self.choices(question, options) {
                try go(try self.answering(question, with: chosen, answers), way + [(question, chosen)])
            }
        }
        try go(start, [])
    }
}
