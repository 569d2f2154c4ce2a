import DataFiles
import Foundation
import Kernel

/// Guided help: a few questions, then what to do now. Keeps nothing about anybody; the answers travel with the person.
package struct Guidance: Sendable {
    package let tree: Tree
    /// By id.
    package let problems: [String: Problem]

    package init(tree: Tree, problems: [Problem]) {
        self.tree = tree
        self.problems = Dictionary(problems.map { ($0.id, $0) }) { first, _ in first }
    }

    package enum Step: Sendable {
        case ask(Question, options: [Option])
        case outcome(Outcome)
    }

    package struct Outcome: Sendable {
        package let problem: Problem
        /// Ranked; the first six are shown first.
        package let measures: [Measure]
    }

    /// Where somebody with these answers stands: the next question, or what it is.
    package func next(after answers: Answers) -> Step {
        for question in self.tree.questions where question.when?.holds(for: answers) ?? true {
            let options = self.offered(question, answers)
            guard answers.has(question.id) else { return .ask(question, options: options) }
            for option in options where answers[question.id].contains(option.id) {
                if let named = option.problems.first(where: { $0.when?.holds(for: answers) ?? true }),
                    let problem = self.problems[named.id]
                {
                    return .outcome(Outcome(problem: problem, measures: self.measures(for: answers)))
                }
            }
        }
        // `check` proves that every path names a problem; a path cut short by an edited tree asks from the start.
        let first = self.tree.questions[0]
        return .ask(first, options: self.offered(first, Answers()))
    }

    package func offered(_ question: Question, _ answers: Answers) -> [Option] {
        question.options.filter { $0.when?.holds(for: answers) ?? true }
    }

    /// Adds an answer, the answers it gives to other questions, and forgets whatever is no longer asked.
    package func answering(
        _ question: Question,
        with chosen: Set<String>,
        _ answers: Answers
    ) throws(InputErrors) -> Answers {
        let offered = self.offered(question, answers)
        guard chosen.isSubset(of: offered.map(\.id)) else { throw InputErrors("error.choose", for: "answer") }
        if question.kind == .single, chosen.count != 1 { throw InputErrors("error.choose", for: "answer") }
        var result = answers
        result[question.id] = chosen
        for option in offered where chosen.contains(option.id) {
            for (other, value) in option.sets { result[other] = [value] }
        }
        return self.withoutHidden(result)
    }

    /// The answers without the last one given, in the order of the questions; `nil` at the first question.
    package func steppingBack(from answers: Answers) -> Answers? {
        let asked = self.asked(answers)
        guard let last = asked.last else { return nil }
        var result = Answers()
        for question in asked where question.id != last.id {
            guard let next = try? self.answering(question, with: answers[question.id], result) else { return Answers() }
            result = next
        }
        return result
    }

    /// Questions that were really put to the person and answered, in order.
    package func asked(_ answers: Answers) -> [Question] {
        var seen = Answers()
        var asked: [Question] = []
        for question in self.tree.questions where answers.has(question.id) && !seen.has(question.id) {
            guard question.when?.holds(for: seen) ?? true else { continue }
            asked.append(question)
            seen[question.id] = answers[question.id]
            for option in question.options where answers[question.id].contains(option.id) {
                for (other, value) in option.sets { seen[other] = [value] }
            }
            // An answer given in advance to a question that was hidden then is forgotten, and the question asked later.
            seen = self.withoutHidden(seen)
        }
        return asked
    }

    /// The longest way that is still possible, for “question 2 of at most 5”.
    package func longestWay(from answers: Answers) -> Int {
        guard case .ask(let question, let options) = self.next(after: answers) else { return 0 }
        // All ways are tried only through the single choices; a multiple choice counts once with nothing chosen.
        let choices: [Set<String>] = question.kind == .single ? options.map { [$0.id] } : [[]]
        let rest = choices.map { chosen in
            (try? self.answering(question, with: chosen, answers)).map { self.longestWay(from: $0) } ?? 0
        }
        return 1 + (rest.max() ?? 0)
    }

    private func withoutHidden(_ answers: Answers) -> Answers {
        var result = answers
        var changed = true
        while changed {
            changed = false
            for question in self.tree.questions
            where result.has(question.id) && !(question.when?.holds(for: result) ?? true) {
                result.remove(question.id)
                changed = true
            }
        }
        return result
    }

    private func measures(for answers: Answers) -> [Measure] {
        var wanted: Set<String> = []
        for question in self.tree.questions {
            for option in question.options where answers[question.id].contains(option.id) {
                wanted.formUnion(option.measures)
            }
        }
        return self.tree.measures.filter { wanted.contains($0.id) }.sorted(by: Measure.precedes)
    }
}
