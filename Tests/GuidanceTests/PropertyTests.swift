import Guidance
import Kernel
import RoomsTesting
import Testing

private let seeds: [UInt64] = Array(1...150)

/// What holds for every tree, whoever wrote it.
@Suite struct `Guidance on any tree` {
    @Test(arguments: seeds)
    func `every way ends in a problem, after no more questions than there are`(seed: UInt64) throws {
        let small = try SmallTree(seed: seed)
        let count = small.guidance.tree.questions.count
        try small.guidance.walk { stop in
            if case .ask(let question, let options) = stop.step {
                #expect(stop.way.count < count, "\(small.source)")
                #expect(!stop.answers.has(question.id), "asked twice\n\(small.source)")
                #expect(options.count >= 2)
            }
        }
    }

    @Test(arguments: seeds)
    func `a hidden question has no stored answer`(seed: UInt64) throws {
        let small = try SmallTree(seed: seed)
        try small.guidance.walk { stop in
            for question in small.guidance.tree.questions where stop.answers.has(question.id) {
                #expect(question.when?.holds(for: stop.answers) ?? true, "\(question.id)\n\(small.source)")
            }
        }
    }

    @Test(arguments: seeds)
    func `stepping back and answering again gives the same`(seed: UInt64) throws {
        let small = try SmallTree(seed: seed)
        try small.guidance.walk { stop in
            guard let last = stop.way.last else {
                #expect(small.guidance.steppingBack(from: stop.answers) == nil)
                return
            }
            #expect(small.guidance.asked(stop.answers).map(\.id) == stop.way.map(\.question.id), "\(small.source)")
            let back = try #require(small.guidance.steppingBack(from: stop.answers))
            guard case .ask(let question, _) = small.guidance.next(after: back) else {
                Issue.record("stepping back shows no question\n\(small.source)")
                return
            }
            #expect(question.id == last.question.id, "\(small.source)")
            let again = try small.guidance.answering(question, with: last.chosen, back)
            #expect(again == stop.answers, "\(small.source)")
        }
    }

    @Test(arguments: seeds)
    func `a single choice takes exactly one of the options offered, a multiple choice any of them`(seed: UInt64) throws
    {
        let small = try SmallTree(seed: seed)
        try small.guidance.walk { stop in
            guard case .ask(let question, let options) = stop.step else { return }
            let offered = Set(options.map(\.id))
            var refused: [Set<String>] = [["unknown"], offered.union(["unknown"])]
            if question.kind == .single { refused += [[], offered] }
            let hidden = Set(question.options.map(\.id)).subtracting(offered)
            if !hidden.isEmpty { refused += [hidden, [hidden.sorted()[0]]] }
            for chosen in refused {
                #expect(throws: InputErrors("error.choose", for: "answer")) {
                    _ = try small.guidance.answering(question, with: chosen, stop.answers)
                }
            }
            if question.kind == .multiple {
                let none = try small.guidance.answering(question, with: [], stop.answers)
                let all = try small.guidance.answering(question, with: offered, stop.answers)
                #expect(none.has(question.id))
                #expect(all[question.id] == offered)
            }
        }
    }

    @Test(arguments: seeds)
    func `the answer code gives back what went in, and nothing for another tree`(seed: UInt64) throws {
        let small = try SmallTree(seed: seed)
        let code = AnswerCode(small.guidance.tree)
        let other = AnswerCode(try SmallTree(seed: seed + 1_000).guidance.tree)
        try small.guidance.walk { stop in
            let data = code.encode(stop.answers)
            #expect(code.decode(data) == stop.answers)
            #expect(data.count == 4 + 3 * stop.answers.questions.count)
            #expect(other.decode(data) == nil)
            for length in 0..<data.count where (length - 4) % 3 != 0 || length < 4 {
                #expect(code.decode(data.prefix(length)) == nil)
            }
        }
    }

    @Test(arguments: seeds)
    func `measures come once each, in an order that depends on nothing else`(seed: UInt64) throws {
        let small = try SmallTree(seed: seed)
        try small.guidance.walk { stop in
            guard case .outcome(let outcome) = stop.step else { return }
            let ids = outcome.measures.map(\.id)
            #expect(Set(ids).count == ids.count)
            for (left, right) in zip(outcome.measures, outcome.measures.dropFirst()) {
                #expect(Measure.precedes(left, right))
                #expect(!Measure.precedes(right, left))
            }
        }
    }

    @Test(arguments: seeds)
    func `the order of measures is total`(seed: UInt64) throws {
        let measures = try SmallTree(seed: seed).guidance.tree.measures
        for left in measures {
            #expect(!Measure.precedes(left, left))
            for middle in measures {
                if left.id != middle.id {
                    #expect(Measure.precedes(left, middle) != Measure.precedes(middle, left))
                }
                for right in measures where Measure.precedes(left, middle) && Measure.precedes(middle, right) {
                    #expect(Measure.precedes(left, right))
                }
            }
        }
        var random = Seeded(seed)
        let sorted = measures.sorted(by: Measure.precedes).map(\.id)
        #expect(measures.shuffled(using: &random).sorted(by: Measure.precedes).map(\.id) == sorted)
    }
}
