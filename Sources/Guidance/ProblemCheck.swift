import DataFiles
import Kernel

/// Whether a named problem is complete enough to be shown to somebody in distress.
struct ProblemCheck {
    private(set) var faults: [FileFault] = []
    private let file: YAMLFile

    init(_ problem: Problem, _ file: YAMLFile, _ neighbours: Guidance.Neighbours) {
        self.file = file
        let name = file.name.split(separator: "/").last.map { String($0.dropLast(5)) }
        if problem.id != name { self.add("id", "the id must be the file's name") }
        if problem.steps.count < 4 { self.add("steps", "has \(problem.steps.count) steps; at least 4 are needed") }
        if problem.evidence.count < 2 {
            self.add("evidence", "names \(problem.evidence.count) things to keep; at least 2 are needed")
        }
        for contact in problem.contacts where !neighbours.contacts.contains(contact) {
            self.add("contacts", "“\(contact)” is not in the directory")
        }
        if neighbours.sourcedContacts.isDisjoint(with: problem.contacts) {
            self.add("contacts", "none of the contacts has a source")
        }
        if !neighbours.guides.contains(problem.guide) { self.add("guide", "there is no guide “\(problem.guide)”") }
        switch problem.reporting {
        case .here(let kind) where !neighbours.reportKinds.contains(kind):
            self.add("report", "there is no questionnaire “\(kind)”")
        case .elsewhere(let entry) where !neighbours.contacts.contains(entry):
            self.add("report", "“\(entry)” is not in the directory")
        default: break
        }
        self.checkTexts(problem)
    }

    private mutating func checkTexts(_ problem: Problem) {
        var texts = [("title", problem.title), ("happening", problem.happening)]
        texts += problem.steps.flatMap { [("steps", $0.act), ("steps", $0.how)] }
        texts += problem.evidence.map { ("evidence", $0) } + problem.never.map { ("never", $0) }
        if let deadline = problem.deadline { texts.append(("deadline", deadline)) }
        for (key, text) in texts {
            for language in [Language.french, .arabic, .english] where text[language] == nil {
                self.add(key, "has no text in \(language)")
            }
            for language in text.languages where text.text(language).hasNumberToCall {
                self.add(key, "holds a number to call; numbers come from the directory")
            }
        }
    }

    private mutating func add(_ key: String, _ reason: String) {
        self.faults.append(FileFault(self.file.name, line: self.file.line(of: [key]), reason))
    }

    /// Two outcomes that share more than half of their steps would send people with different problems the same way.
    static func sharedSteps(_ problems: [Problem]) -> [FileFault] {
        let acts = problems.map { Set($0.steps.map { $0.act.text(.french) }) }
        var faults: [FileFault] = []
        for left in problems.indices {
            for right in problems.indices where right > left {
                let smaller = min(acts[left].count, acts[right].count)
                if acts[left].intersection(acts[right]).count * 2 > smaller {
                    faults.append(
                        FileFault(
                            "guidance/problems/\(problems[right].id).yaml",
                            "shares more than half of its steps with “\(problems[left].id)”"
                        )
                    )
                }
            }
        }
        return faults
    }
}

extension String {
    /// Six digits or more in a row, separators aside.
    fileprivate var hasNumberToCall: Bool {
        var run = 0
        for character in self.unicodeScalars {
            if ("0"..."9").contains(character) {
                run += 1
                if run >= 6 { return true }
            } else if !" .-\u{a0}\u{202f}".unicodeScalars.contains(character) {
                run = 0
            }
        }
        return false
    }
}
