import DataFiles
import Foundation
import Guidance
import RoomsTesting
import Testing

/// A fault is said so that an editor finds the place.
@Suite struct `Faults of the files` {
    private func faults(_ files: [String: String]) async -> [FileFault] {
        do {
            _ = try await Repository.withFolder(files) {
                try Guidance.load(resources: $0, neighbours: SmallFiles.neighbours)
            }
            return []
        } catch { return (error as? FileFaults)?.items ?? [FileFault("?", "\(error)")] }
    }

    /// The line, from 1, of the first occurrence.
    private func line(of text: String, in source: String) -> Int {
        guard let range = source.firstRange(of: text) else { return -1 }
        return source[..<range.lowerBound].count { $0.isNewline } + 1
    }

    @Test func `files that are right have no fault`() async {
        #expect(await self.faults(SmallFiles.all) == [])
    }

    struct Break: Sendable, CustomTestStringConvertible {
        let file: String
        let find: String
        let put: String
        /// A word of the reason.
        let says: String
        /// Where the fault is said to be: the line of this text in the broken file.
        let at: String
        var testDescription: String { self.says }
    }

    static let breaks = [
        Break(file: "tree.yaml", find: "problem: fraud", put: "problem: froud", says: "froud", at: "- id: card"),
        Break(
            file: "tree.yaml",
            find: "measures: [backup]",
            put: "measures: [backups]",
            says: "backups",
            at: "- id: other"
        ),
        Break(
            file: "tree.yaml",
            find: "when: {question: who, is: [firm]}",
            put: "when: {question: who, is: [farm]}",
            says: "who: farm",
            at: "- id: size"
        ),
        Break(
            file: "tree.yaml",
            find: "when: {question: who, is: [firm]}",
            put: "wenn: {question: who, is: [firm]}",
            says: "wenn",
            at: "wenn"
        ),
        Break(
            file: "tree.yaml",
            find: "- id: size",
            put: "- id: what",
            says: "used twice",
            at: "- id: what\n    kind: single\n    text: \(Forms.text("Size"))"
        ),
        Break(
            file: "tree.yaml",
            find: "        problem: loss\n  - id: size",
            put: "  - id: size",
            says: "ends without a problem",
            at: "- id: who"
        ),
        Break(
            file: "tree.yaml",
            find: "kind: single\n    text: \(Forms.text("What"))",
            put: "kind: sinle\n    text: \(Forms.text("What"))",
            says: "sinle",
            at: "kind: sinle"
        ),
        Break(file: "tree.yaml", find: ", zgh: Who}", put: "}", says: "zgh", at: "- id: who"),
        Break(
            file: "tree.yaml",
            find: "when: {question: who, is: [firm]}",
            put: "when: {all: [{question: who, is: [me]}, {question: who, is: [firm]}]}",
            says: "never asked",
            at: "- id: size"
        ),
        Break(file: "tree.yaml", find: "kind: single", put: "kind: [", says: "expected", at: "options:"),
        Break(
            file: "problems/fraud.yaml",
            find: "life_danger",
            put: "live_danger",
            says: "live_danger",
            at: "live_danger"
        ),
        Break(
            file: "problems/fraud.yaml",
            find: "guide: first-aid",
            put: "guide: first-ade",
            says: "first-ade",
            at: "guide:"
        ),
        Break(
            file: "problems/fraud.yaml",
            find: "contacts: [police]",
            put: "contacts: [police, sheriff]",
            says: "sheriff",
            at: "contacts:"
        ),
        Break(
            file: "problems/fraud.yaml",
            find: "contacts: [police]",
            put: "contacts: [bank]",
            says: "source",
            at: "contacts:"
        ),
        Break(file: "problems/fraud.yaml", find: "kind: story", put: "kind: tale", says: "tale", at: "kind: tale"),
        Break(
            file: "problems/fraud.yaml",
            find: "kind: story",
            put: "elsewhere: sheriff",
            says: "sheriff",
            at: "elsewhere:"
        ),
        Break(file: "problems/fraud.yaml", find: "id: fraud", put: "id: frauds", says: "file's name", at: "id: frauds"),
        Break(
            file: "problems/fraud.yaml",
            find: "fr: Happening",
            put: "fr: call 05 22 33 44 55",
            says: "number to call",
            at: "happening:"
        ),
        Break(file: "problems/fraud.yaml", find: "fr: Happening", put: "fr: \"\"", says: "empty", at: "happening:"),
        Break(file: "problems/fraud.yaml", find: "fr: Happening", put: "de: Happening", says: "de", at: "happening:"),
        Break(file: "problems/fraud.yaml", find: "within: 1h", put: "within: 2h", says: "2h", at: "within: 2h"),
        Break(
            file: "problems/fraud.yaml",
            find: "deadline: none",
            put: "deadline: soon",
            says: "deadline",
            at: "deadline: soon"
        ),
        Break(
            file: "problems/fraud.yaml",
            find: "danger: money",
            put: "danger: money\ndanger: life",
            says: "stands there twice",
            at: "danger: money"
        ),
        Break(
            file: "problems/fraud.yaml",
            find: "danger: money\n",
            put: "",
            says: "“danger” is missing",
            at: "id: fraud"
        ),
    ]

    @Test(arguments: Self.breaks)
    func `a fault names file, line and reason`(broken: Break) async throws {
        let file = "guidance/\(broken.file)"
        var files = SmallFiles.all
        let right = try #require(files[file])
        let place = try #require(right.firstRange(of: broken.find))
        let wrong = right.replacingCharacters(in: place, with: broken.put)
        files[file] = wrong
        let faults = await self.faults(files)
        let fault = faults.first { $0.file == file && $0.reason.contains(broken.says) }
        let found = try #require(fault, "\(faults)")
        #expect(found.line == self.line(of: broken.at, in: wrong), "\(found)")
        #expect(found.description.hasPrefix("\(file):\(found.line): "))
    }

    @Test func `too few steps and too little evidence are faults`() async throws {
        var files = SmallFiles.all
        let lines = SmallFiles.problemSource("fraud").split(separator: "\n").filter {
            !$0.contains("Four-fraud") && !$0.contains("Statements")
        }
        files["guidance/problems/fraud.yaml"] = lines.joined(separator: "\n")
        let reasons = await self.faults(files).map(\.reason)
        #expect(reasons.contains { $0.contains("3 steps") })
        #expect(reasons.contains { $0.contains("1 things to keep") })
    }

    @Test func `two problems with mostly the same steps are a fault`() async throws {
        var files = SmallFiles.all
        files["guidance/problems/loss.yaml"] = SmallFiles.problemSource("loss")
            .replacing("One-loss", with: "One-fraud").replacing("Two-loss", with: "Two-fraud")
        #expect(await self.faults(files) == [])
        files["guidance/problems/loss.yaml"]?.replace("Three-loss", with: "Three-fraud")
        let faults = await self.faults(files)
        #expect(faults.map(\.file) == ["guidance/problems/loss.yaml"])
        #expect(faults.first?.reason.contains("half of its steps") == true)
    }

    @Test func `a problem no way leads to is a fault`() async throws {
        var files = SmallFiles.all
        files["guidance/problems/lost.yaml"] = SmallFiles.problemSource("lost")
        #expect(await self.faults(files).map(\.reason) == ["no way leads to the problem “lost”"])
    }

    @Test func `all faults are said at once, in the order of the files`() async throws {
        var files = SmallFiles.all
        files["guidance/problems/fraud.yaml"]?.replace("guide: first-aid", with: "guide: a")
        files["guidance/problems/loss.yaml"]?.replace("guide: first-aid", with: "guide: b")
        let faults = await self.faults(files)
        #expect(faults.map(\.file) == ["guidance/problems/fraud.yaml", "guidance/problems/loss.yaml"])
        #expect(faults == faults.sorted())
    }

    @Test func `a missing file and bytes that are not text are faults, not crashes`() async throws {
        #expect(await self.faults(["guidance/other.yaml": ""]).map(\.file) == ["guidance/tree.yaml"])
        for source in ["", "\u{0}", "- - -", "&a [*a]", "questions: 1", "{", "\t- x", "!!binary x"] {
            var files = SmallFiles.all
            files["guidance/tree.yaml"] = source
            let faults = await self.faults(files)
            #expect(!faults.isEmpty)
            #expect(faults.allSatisfy { $0.file.hasPrefix("guidance/") })
        }
    }

    @Test func `an edited tree does not understand the answers to the old one`() async throws {
        let old = try YAMLFile(name: "tree.yaml", source: SmallFiles.tree).decode(Tree.self)
        let data = AnswerCode(old).encode(Answers(["who": ["me"]]))
        for (find, put) in [("id: card", "id: cards"), ("- id: who", "- id: whose"), ("- id: size", "- id: sizes")] {
            let edited = try YAMLFile(name: "tree.yaml", source: SmallFiles.tree.replacing(find, with: put))
                .decode(Tree.self)
            #expect(AnswerCode(edited).decode(data) == nil)
        }
        // New words for the same question change nothing.
        let reworded = try YAMLFile(name: "tree.yaml", source: SmallFiles.tree.replacing("fr: Who", with: "fr: Whom"))
            .decode(Tree.self)
        #expect(AnswerCode(reworded).decode(data) == Answers(["who": ["me"]]))
    }
}
