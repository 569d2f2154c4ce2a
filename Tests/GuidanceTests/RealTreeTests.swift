import Content
import Country
import Foundation
import Guidance
import Intake
import Kernel
import PortalWeb
import RoomsTesting
import Testing
import Vault

/// What editors wrote, with the neighbours it points to.
private struct Real {
    static let guidance: Result<Guidance, any Error> = Result {
        let resources = Repository.resources
        let country = try Country.load("ma", resources: resources)
        return try Guidance.load(
            resources: resources,
            neighbours: Guidance.Neighbours(
                contacts: Set(country.directory.map(\.id)),
                sourcedContacts: Set(country.directory.filter(\.isSourced).map(\.id)),
                guides: try Content.load(resources: resources).guideSlugs,
                reportKinds: try Questionnaires.load(resources: resources).ids
            )
        )
    }
}

/// The tree that people really meet.
@Suite struct `Guidance in Resources` {
    private let guidance: Guidance

    init() throws { self.guidance = try Real.guidance.get() }

    @Test func `every way ends in a problem after at most seven questions`() throws {
        var ways = 0
        try self.guidance.walk { stop in
            switch stop.step {
            case .ask(let question, let options):
                #expect(stop.way.count < 7)
                #expect(!stop.answers.has(question.id))
                #expect(options.count >= 2)
            case .outcome: ways += 1
            }
        }
        #expect(ways > 1_000)
    }

    @Test func `every problem, question and option is reached on some way`() throws {
        var problems: Set<String> = []
        var questions: Set<String> = []
        var options: Set<String> = []
        try self.guidance.walk { stop in
            switch stop.step {
            case .ask(let question, let offered):
                questions.insert(question.id)
                options.formUnion(offered.map { "\(question.id): \($0.id)" })
            case .outcome(let outcome): problems.insert(outcome.problem.id)
            }
        }
        #expect(problems == Set(self.guidance.problems.keys))
        #expect(questions == Set(self.guidance.tree.questions.map(\.id)))
        #expect(
            options
                == Set(
                    self.guidance.tree.questions.flatMap { question in
                        question.options.map { "\(question.id): \($0.id)" }
                    }
                )
        )
    }

    @Test func `there are at least fifty-five named problems`() {
        #expect(self.guidance.problems.count >= 55)
    }

    @Test func `a hidden question has no stored answer`() throws {
        try self.guidance.walk { stop in
            for question in self.guidance.tree.questions where stop.answers.has(question.id) {
                #expect(question.when?.holds(for: stop.answers) ?? true)
            }
        }
    }

    @Test func `stepping back and answering again gives the same`() throws {
        try self.guidance.walk { stop in
            guard let last = stop.way.last, let back = self.guidance.steppingBack(from: stop.answers) else { return }
            guard case .ask(let question, _) = self.guidance.next(after: back), question.id == last.question.id else {
                Issue.record("stepping back from \(last.question.id) shows another question")
                return
            }
            let again = try self.guidance.answering(question, with: last.chosen, back)
            #expect(again == stop.answers)
        }
    }

    @Test func `whatever of the first questions is answered in advance, every way still ends in a problem`() throws {
        // As the tiles of the home page do.
        for question in self.guidance.tree.questions where ["audience", "object"].contains(question.id) {
            for option in question.options {
                guard let start = try? self.guidance.answering(question, with: [option.id], Answers()) else { continue }
                try self.guidance.walk(from: start) { stop in
                    if case .ask(let asked, let options) = stop.step {
                        #expect(!stop.answers.has(asked.id), "\(question.id) \(option.id): \(asked.id) is asked again")
                        #expect(stop.way.count < 8 && options.count >= 2)
                    }
                }
            }
        }
    }

    @Test func `conditions speak of earlier questions only, and answers are given to later ones only`() {
        var earlier: Set<String> = []
        for question in self.guidance.tree.questions {
            let own = earlier.union([question.id])
            let asked = (question.when?.mentions ?? []).map(\.question)
            #expect(earlier.isSuperset(of: asked), "\(question.id)")
            for option in question.options {
                let offered = (option.when?.mentions ?? []).map(\.question)
                #expect(earlier.isSuperset(of: offered), "\(option.id)")
                let named = option.problems.flatMap { $0.when?.mentions ?? [] }.map(\.question)
                #expect(own.isSuperset(of: named), "\(option.id)")
                #expect(Set(option.sets.keys).isDisjoint(with: own), "\(option.id)")
            }
            earlier = own
        }
    }

    @Test func `nobody is asked more questions than the progress line says`() throws {
        try self.guidance.walk { stop in
            guard case .ask = stop.step else { return }
            let promised = self.guidance.longestWay(from: stop.answers)
            #expect(promised >= 1)
            if let back = self.guidance.steppingBack(from: stop.answers) {
                #expect(promised < self.guidance.longestWay(from: back))
            }
        }
    }

    @Test func `the sealed token of the longest way has at most 512 bytes`() throws {
        let code = AnswerCode(self.guidance.tree)
        var longest = (answers: Answers(), bytes: 0)
        try self.guidance.walk { stop in
            let data = code.encode(stop.answers)
            #expect(code.decode(data) == stop.answers)
            if data.count > longest.bytes { longest = (stop.answers, data.count) }
        }
        let clock = TestClock()
        let state = HelpState(key: MasterKey.random().derive("help"), tree: self.guidance.tree, clock: clock.clock)
        let token = try state.seal(longest.answers)
        #expect(longest.answers.questions.count >= 5)
        #expect(token.utf8.count <= 512)
        #expect(state.open(token) == longest.answers)
    }

    @Test func `a sealed token says nothing after a day, altered, or to another server key`() throws {
        let clock = TestClock()
        let key = MasterKey.random()
        let state = HelpState(key: key.derive("help"), tree: self.guidance.tree, clock: clock.clock)
        let first = self.guidance.tree.questions[0]
        let answers = try self.guidance.answering(first, with: [first.options[0].id], Answers())
        let token = try state.seal(answers)
        let other = HelpState(key: MasterKey.random().derive("help"), tree: self.guidance.tree, clock: clock.clock)
        #expect(other.open(token) == Answers())
        var altered = Array(token)
        altered[20] = altered[20] == "A" ? "B" : "A"
        #expect(state.open(String(altered)) == Answers())
        for nothing in [nil, "", "x", String(repeating: "A", count: 10_000)] {
            #expect(state.open(nothing) == Answers())
        }
        clock.advance(24 * 3600 - 1)
        #expect(state.open(token) == answers)
        clock.advance(2)
        #expect(state.open(token) == Answers())
    }

    @Test func `a token does not tell what was answered`() throws {
        let state = HelpState(
            key: MasterKey.random().derive("help"),
            tree: self.guidance.tree,
            clock: TestClock().clock
        )
        let first = self.guidance.tree.questions[0]
        var lengths: Set<Int> = []
        for option in first.options where option.sets.isEmpty {
            let token = try state.seal(try self.guidance.answering(first, with: [option.id], Answers()))
            lengths.insert(token.utf8.count)
            #expect(!token.contains(option.id))
            #expect(try state.seal(try self.guidance.answering(first, with: [option.id], Answers())) != token)
        }
        #expect(lengths.count == 1)
    }

    @Test func `a problem that says life is in danger is never reported elsewhere only`() {
        for problem in self.guidance.problems.values where problem.lifeDanger {
            #expect(problem.reporting != .nowhere, "\(problem.id)")
        }
    }
}
