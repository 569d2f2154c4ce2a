import Casework
import Foundation
import Intake
import Kernel
import Storage
import StorageTesting
import Testing

@Suite struct AttachmentTests {
    private static let png = Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

    private func text(_ count: Int) -> Data { Data((0..<count).map { UInt8(ascii: "a") + UInt8($0 % 26) }) }

    @Test(arguments: TestEngine.available)
    func `files come back byte by byte as they were sent`(_ engine: TestEngine) async throws {
        try await World.open(engine, limits: .init(bytes: 4 << 20, count: 10)) { world in
            let sizes = [0, 1, 65_535, 65_536, 65_537, 3 << 20]
            let files = sizes.map { ("\($0).txt", self.text($0)) }
            let acceptance = try await world.report("phishing", files)
            let opened = try await world.casework.open(acceptance.report.id, for: world.access)
            #expect(opened.opened.files.map(\.name) == files.map(\.0))
            #expect(opened.opened.files.map(\.size) == sizes)
            for (file, sent) in zip(opened.opened.files, files) {
                let read = try await world.casework.file(file.id, of: acceptance.report.id, for: world.access)
                #expect(try await world.content(read) == sent.1)
                #expect(read.file.type == .text)
            }
            let sees = try await world.intake.open(world.visit(acceptance))
            #expect(sees.files.map(\.sha256) == opened.opened.files.map(\.sha256))
        }
    }

    @Test(arguments: TestEngine.available)
    func `nothing of a file is on the disk in clear`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let canary = Data("canary-\(UUID())".utf8)
            let content = (0..<5000).reduce(into: Data()) { data, _ in data += canary }
            _ = try await world.report("phishing", [("secret-name.txt", content)])
            let stored = try world.stored
            #expect(stored.filter { $0.hasPrefix("blobs/") }.count == 1)
            for path in stored {
                let bytes = try Data(contentsOf: URL(filePath: "\(world.folder)/\(path)"))
                #expect(bytes.range(of: canary) == nil && bytes.range(of: Data("secret-name".utf8)) == nil)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `kinds that take no files refuse them and keep nothing`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let kinds = world.intake.questionnaires.all.map(\.questionnaire).filter { !$0.files }
            #expect(Set(kinds.map(\.id)).isSuperset(of: ["sextortion", "intimate-images", "minor", "child-abuse"]))
            for kind in kinds {
                await #expect(throws: InputErrors("error.file.not-here", for: "files")) {
                    try await world.report(kind.id, [("photo.png", Self.png)])
                }
            }
            // Later neither.
            let acceptance = try await world.report("sextortion", [])
            let visit = try await world.visit(acceptance)
            let delivery = try await world.intake.delivery(in: visit)
            try await world.send([("photo.png", Self.png)], into: delivery)
            await #expect(throws: InputErrors("error.file.not-here", for: "files")) {
                try await world.intake.add(delivery, formToken: "t", in: visit)
            }
            // A delivery that was begun for another kind does not help.
            let other = world.intake.delivery(for: try world.questionnaire("phishing"))
            try await world.send([("photo.png", Self.png)], into: other)
            await #expect(throws: InputErrors("error.file.not-here", for: "files")) {
                try await world.intake.submit(
                    world.submission("sextortion"),
                    formToken: "other",
                    language: .french,
                    files: other
                )
            }
            #expect(try world.stored.isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `one form sent many times at once keeps one report with one copy`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let files = [("a.txt", self.text(100_000)), ("b.png", Self.png)]
            let acceptances = try await withThrowingTaskGroup(of: Acceptance.self) { group in
                for _ in 0..<4 { group.addTask { try await world.report("phishing", token: "one", files) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(acceptances.map(\.report.id)).count == 1)
            #expect(try world.stored.count == 2)
            _ = try await world.report("phishing", token: "one", files)
            #expect(try world.stored.count == 2)
            let opened = try await world.intake.open(world.visit(acceptances[0]))
            #expect(opened.files.map(\.name) == ["a.txt", "b.png"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `files can be added later, once each, up to the limit`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let acceptance = try await world.report("phishing", [("a.txt", self.text(10))])
            let visit = try await world.visit(acceptance)
            let add = { @Sendable (files: [(String, Data)], token: String) in
                let delivery = try await world.intake.delivery(in: visit)
                try await world.send(files, into: delivery)
                do { try await world.intake.add(delivery, formToken: token, in: visit) } catch {
                    await delivery.discard()
                    throw error
                }
            }
            let twins = [("b.txt", self.text(20)), ("c.txt", self.text(30))]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<3 { group.addTask { try await add(twins, "same") } }
                try await group.waitForAll()
            }
            #expect(try await world.intake.open(visit).files.count == 3)
            #expect(try world.stored.count == 3)
            await #expect(throws: InputErrors.self) { try await add(twins, "another") }
            #expect(try world.stored.count == 3)
            try await add([("d.txt", self.text(5))], "another")
            #expect(try await world.intake.open(visit).files.map(\.name) == ["a.txt", "b.txt", "c.txt", "d.txt"])
            await #expect(throws: InputErrors.self) { try await add([], "none") }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what is too big, of another type or unreadable is refused, all at once`(_ engine: TestEngine) async throws {
        let limits = Intake.Files.Limits(bytes: 1 << 20, count: 4)
        let detect: World.Detect = { $0.starts(with: Data("crash".utf8)) ? nil : await World.trusting($0) }
        try await World.open(engine, detect: detect, limits: limits) { world in
            let delivery = world.intake.delivery(for: try world.questionnaire("phishing"))
            try await world.send(
                [
                    ("fine.txt", self.text(10)), ("big.txt", self.text(1 << 20 + 1)),
                    ("x.exe", Data("MZ".utf8) + self.text(100)), ("y", Data("crash".utf8)),
                    ("fifth.txt", self.text(10)),
                ],
                into: delivery
            )
            let problems = await delivery.problems.items
            #expect(
                problems.map(\.messageKey) == [
                    "error.file.too-big", "error.file.type", "error.file.unreadable", "error.file.too-many",
                ]
            )
            #expect(problems.map(\.limit) == [1, 3, 4, 4])
            await #expect(throws: InputErrors.self) {
                try await world.intake.submit(
                    world.submission("phishing"),
                    formToken: "t",
                    language: .french,
                    files: delivery
                )
            }
            #expect(try world.stored.isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `files of a case once called child abuse stay locked for everybody`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let acceptance = try await world.report("phishing", [("a.png", Self.png)])
            let id = acceptance.report.id
            let file = try #require(try await world.casework.open(id, for: world.access).opened.files.first)
            _ = try await world.casework.file(file.id, of: id, for: world.access)
            for category in ["child-abuse", "phishing"] {
                let version = try await world.casework.open(id, for: world.access).file.version
                try await world.casework.triage(
                    id,
                    version: version,
                    category: category,
                    urgency: .high,
                    for: world.access
                )
                await #expect(throws: DomainError.conflict("intake.files-locked")) {
                    try await world.casework.file(file.id, of: id, for: world.access)
                }
            }
            #expect(try await world.casework.open(id, for: world.access).opened.areFilesLocked)
            let visit = try await world.visit(acceptance)
            let delivery = try await world.intake.delivery(in: visit)
            try await world.send([("b.png", Self.png)], into: delivery)
            await #expect(throws: InputErrors("error.file.not-here", for: "files")) {
                try await world.intake.add(delivery, formToken: "t", in: visit)
            }
            let actions = try await world.database.read { tx in
                try tx.values(String.self, "SELECT action FROM audit_entry ORDER BY seq")
            }
            #expect(actions.filter { $0 == "casework.file.read" }.count == 1)
            #expect(actions.filter { $0 == "casework.file.refused" }.count == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `somebody without the right sees no file, and no file is another report's`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            let first = try await world.report("phishing", [("a.png", Self.png)])
            let second = try await world.report("phishing", [])
            let file = try #require(try await world.intake.open(world.visit(first)).files.first)
            let stranger = DeskAccess(
                principal: Principal(id: .random(), name: "Auditor", permissions: []),
                unitKeys: [:]
            )
            await #expect(throws: DomainError.notFound) {
                try await world.casework.file(file.id, of: first.report.id, for: stranger)
            }
            await #expect(throws: DomainError.notFound) {
                try await world.casework.file(file.id, of: second.report.id, for: world.access)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what no row names is collected, after an hour`(_ engine: TestEngine) async throws {
        try await World.open(engine) { world in
            _ = try await world.report("phishing", [("a.png", Self.png)])
            let abandoned = world.intake.delivery(for: try world.questionnaire("phishing"))
            try await world.send([("b.png", Self.png)], into: abandoned)
            #expect(try await world.intake.collectFiles() == 0)
            #expect(try world.stored.count == 2)
            #expect(try await world.intake.collectFiles(olderThan: 0) == 1)
            #expect(try world.stored.count == 1)
        }
    }
}

@Suite struct FileNameTests {
    @Test(arguments: TestEngine.available.prefix(1))
    func `names lose folders, controls and tricks, and get an ending that fits`(_ engine: TestEngine) async throws {
        let names: [(sent: String, kept: String, saved: String)] = [
            ("photo.PNG", "photo.PNG", "photo.PNG"), ("../../etc/passwd", "passwd", "passwd.png"),
            ("C:\\Users\\x\\a.png", "a.png", "a.png"), ("a\r\nb\u{0}.png", "ab.png", "ab.png"),
            ("gnp.\u{202e}exe", "gnp.exe", "gnp.exe.png"), ("..", "file", "file.png"), ("", "file", "file.png"),
            ("صورة.png", "صورة.png", "صورة.png"), (".png", ".png", ".png.png"),
        ]
        try await World.open(engine, limits: .init(bytes: 1 << 20, count: 20)) { world in
            let png = Data([0x89, 0x50, 0x4e, 0x47])
            let long = String(repeating: "é", count: 500) + ".png"
            let files = (names.map(\.sent) + [long]).map { ($0, png) }
            let acceptance = try await world.report("phishing", files)
            let kept = try await world.intake.open(world.visit(acceptance)).files
            // Two that came without a name are the same file under the same name.
            #expect(kept.dropLast().map(\.name) == names.map(\.kept).uniqued)
            #expect(kept.dropLast().map(\.saveName) == names.map(\.saved).uniqued)
            #expect(kept.last?.name.count == 120)
            #expect(kept.last?.name.hasSuffix("é.png") == true)
        }
    }
}

extension Array where Element: Hashable {
    fileprivate var uniqued: [Element] {
        var seen: Set<Element> = []
        return self.filter { seen.insert($0).inserted }
    }
}
