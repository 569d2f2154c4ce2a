import DataFiles
import Kernel

/// Whether every way through the questions ends in a problem, and every problem and question lies on a way.
struct TreeCheck {
    private(set) var faults: [FileFault] = []
    private let guidance: Guidance
    private let file: YAMLFile

    /// Longer ways tire people out.
    static let longestWay = 7

    init(_ guidance: Guidance, _ file: YAMLFile) {
        self.guidance = guidance
        self.file = file
        self.checkQuestions()
        // Walking a tree that names unknown things would only repeat the same faults.
        if self.faults.isEmpty { self.walkAll() }
    }

    private mutating func checkQuestions() {
        let tree = self.guidance.tree
        if tree.questions.isEmpty { self.add(["questions"], "there is no question") }
        if tree.questions.count > 255 { self.add(["questions"], "there are more than 255 questions") }
        var known: [String: Set<String>] = [:]
        for (index, question) in tree.questions.enumerated() {
            let path = ["questions", String(index)]
            if known[question.id] != nil { self.add(path, "the id “\(question.id)” is used twice") }
            if question.options.count > 16 { self.add(path, "“\(question.id)” has more than 16 options") }
            if question.options.count < 2 { self.add(path, "“\(question.id)” has fewer than 2 options") }
            known[question.id] = Set(question.options.map(\.id))
        }
        let measures = Set(tree.measures.map(\.id))
        for (index, question) in tree.questions.enumerated() {
            let path = ["questions", String(index)]
            self.checkText(question.text, path)
            let conditions =
                [question.when].compactMap(\.self) + question.options.compactMap(\.when)
                + question.options.flatMap { $0.problems.compactMap(\.when) }
            for mention in conditions.flatMap(\.mentions)
            where known[mention.question]?.contains(mention.option) != true {
                self.add(path, "“\(mention.question): \(mention.option)” does not exist")
            }
            for (place, option) in question.options.enumerated() {
                let optionPath = path + ["options", String(place)]
                self.checkText(option.text, optionPath)
                for (other, value) in option.sets where known[other]?.contains(value) != true {
                    self.add(optionPath, "sets “\(other): \(value)”, which does not exist")
                }
                for measure in option.measures where !measures.contains(measure) {
                    self.add(optionPath, "there is no measure “\(measure)”")
                }
                for named in option.problems where self.guidance.problems[named.id] == nil {
                    self.add(optionPath, "there is no problem “\(named.id)”")
                }
                if let last = option.problems.last, last.when != nil {
                    self.add(optionPath, "the last problem has a condition: some would be left without one")
                }
            }
        }
    }

    private mutating func checkText(_ text: LocalizedText, _ path: [String]) {
        for language in Language.allCases where text[language] == nil {
            self.add(path, "has no text in \(language)")
        }
    }

    private mutating func walkAll() {
        var reachedQuestions: Set<String> = []
        var reachedProblems: Set<String> = []
        var deadEnds: Set<String> = []
        var longest = 0

        func walk(_ answers: Answers, _ depth: Int) {
            longest = max(longest, depth)
            if depth > Self.longestWay { return }
            switch self.guidance.next(after: answers) {
            case .outcome(let outcome): reachedProblems.insert(outcome.problem.id)
            case .ask(let question, let options):
                // `next` starts again at the first question when a way ends without a problem.
                if answers.has(question.id) {
                    deadEnds.insert(self.guidance.asked(answers).map(\.id).joined(separator: " → "))
                    return
                }
                reachedQuestions.insert(question.id)
                if options.count < 2 { deadEnds.insert("\(question.id) offers fewer than two options") }
                for chosen in Self.choices(question, options) {
                    if let next = try? self.guidance.answering(question, with: chosen, answers) {
                        walk(next, depth + 1)
                    }
                }
            }
        }
        walk(Answers(), 0)

        for way in deadEnds.sorted() { self.add(["questions"], "this way ends without a problem: \(way)") }
        if longest > Self.longestWay {
            self.add(["questions"], "there is a way of more than \(Self.longestWay) questions")
        }
        for (index, question) in self.guidance.tree.questions.enumerated() where !reachedQuestions.contains(question.id)
        {
            self.add(["questions", String(index)], "“\(question.id)” is never asked")
        }
        for id in self.guidance.problems.keys.sorted() where !reachedProblems.contains(id) {
            self.add(["questions"], "no way leads to the problem “\(id)”")
        }
    }

    /// Each option alone; for a multiple choice also none, and each pair, which is what conditions can tell apart.
    static func choices(_ question: Question, _ options: [Option]) -> [Set<String>] {
        let ids = options.map(\.id)
        let single = ids.map { Set([$0]) }
        guard question.kind == .multiple else { return single }
        return [[]] + single + ids.indices.flatMap { left in ids[(left + 1)...].map { [ids[left], $0] } }
    }

    private mutating func add(_ path: [String], _ reason: String) {
        self.faults.append(FileFault(self.file.name, line: self.file.line(of: path), reason))
    }
}
