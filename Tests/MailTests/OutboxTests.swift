import Foundation
import Kernel
import Mail
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct OutboxTests {
    private static let relayTimeout = 1000

    private struct Stage {
        let database: Database
        let hand: Hand
        let outbox: Outbox
        let worker: JobWorker

        func enqueue(_ topic: String? = nil) async throws -> Message {
            let message = try Message(
                to: reader,
                subject: "A neutral subject",
                text: "There is news",
                language: .english
            )
            let today = self.hand.clock.today()
            try await self.database.write { tx in try self.outbox.enqueue(message, topic: topic, day: today, tx) }
            return message
        }

        /// All that is due, then hours later what became due, until nothing waits any more.
        func runOut() async throws {
            for _ in 0..<12 {
                while try await self.worker.runNext() {}
                let backlog = try await self.database.read { try JobQueue.backlog($0, now: self.hand.now) }
                if backlog.due + backlog.waiting == 0 { return }
                self.hand.move(4 * 3600)
            }
        }

        func failed() async throws -> [JobQueue.Failed] { try await self.database.read { try JobQueue.failed($0) } }
    }

    private func withStage(
        _ engine: TestEngine,
        _ mailer: any Mailer,
        isWanted: @escaping @Sendable (String) async throws -> Bool = { _ in true },
        _ body: (Stage) async throws -> Void
    ) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand()
            let outbox = Outbox(key: MasterKey.random().derive("test"))
            let worker = JobWorker(database, clock: hand.clock, logger: silent)
            outbox.register(on: worker, mailer: mailer, isWanted: isWanted)
            try await body(Stage(database: database, hand: hand, outbox: outbox, worker: worker))
        }
    }

    private func withRelay(
        _ engine: TestEngine,
        _ behaviours: [Sink.Behaviour],
        _ body: (Stage, Sink) async throws -> Void
    ) async throws {
        let sink = Sink(behaviours)
        let port = try await sink.start()
        let settings = try SMTPSettings(url: "smtp://127.0.0.1:\(port)", from: sender.rawValue)
        try await self.withStage(engine, SMTPMailer(settings, timeout: Self.relayTimeout)) { try await body($0, sink) }
        try await sink.stop()
    }

    @Test(arguments: TestEngine.available)
    func `three temporary refusals, then one delivery`(engine: TestEngine) async throws {
        try await self.withRelay(engine, [.answer(451), .answer(451), .answerAtEnd(451)]) { stage, sink in
            _ = try await stage.enqueue()
            try await stage.runOut()
            #expect(sink.received.count == 1)
            #expect(sink.commands.filter { $0.hasPrefix("MAIL FROM") }.count == 4)
            #expect(try await stage.failed().isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a dropped connection, then one delivery`(engine: TestEngine) async throws {
        try await self.withRelay(engine, [.drop, .drop]) { stage, sink in
            _ = try await stage.enqueue()
            try await stage.runOut()
            #expect(sink.received.count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a server that accepts too late gets it again under the same Message-ID`(engine: TestEngine) async throws {
        try await self.withRelay(engine, [.silent]) { stage, sink in
            let message = try await stage.enqueue()
            try await stage.runOut()
            let ids = try sink.received.map { try Received(Data($0.data.utf8))["Message-ID"] }
            #expect(ids.count == 2)
            #expect(Set(ids) == ["<\(message.id.uuidString.lowercased())@service.example>"])
            #expect(try await stage.failed().isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a refusal for good is tried once and stays visible`(engine: TestEngine) async throws {
        try await self.withRelay(engine, [.answer(550)]) { stage, sink in
            _ = try await stage.enqueue()
            try await stage.runOut()
            #expect(sink.received.isEmpty)
            #expect(sink.commands.filter { $0.hasPrefix("RCPT") }.count == 1)
            let failed = try await stage.failed()
            #expect(failed.map(\.name) == [Outbox.jobName])
            #expect(failed.first?.attempts == 1)
            #expect(failed.first?.lastError?.hasSuffix("MailRefused") == true)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the table of jobs shows no address and no word, and no moment`(engine: TestEngine) async throws {
        try await self.withStage(engine, MailRecorder()) { stage in
            _ = try await stage.enqueue("a topic")
            let (payload, date) = try await stage.database.read { tx in
                (
                    try tx.value(String.self, "SELECT payload FROM job") ?? "",
                    try tx.value(Date.self, "SELECT run_at FROM job")
                )
            }
            for word in ["reader", "mail.example", "neutral", "news", "topic"] { #expect(!payload.contains(word)) }
            #expect(date == Day(stage.hand.now).start)
        }
    }

    @Test(arguments: TestEngine.available)
    func `there is no mail without its change`(engine: TestEngine) async throws {
        struct Undone: Error {}
        let recorder = MailRecorder()
        try await self.withStage(engine, recorder) { stage in
            let message = try Message(to: reader, subject: "x", text: "x", language: .french)
            let today = stage.hand.clock.today()
            try? await stage.database.write { tx in
                try stage.outbox.enqueue(message, day: today, tx)
                throw Undone()
            }
            try await stage.runOut()
            #expect(recorder.sent.isEmpty)
            let sent = try await stage.enqueue()
            try await stage.runOut()
            #expect(recorder.sent == [sent])
        }
    }

    @Test(arguments: TestEngine.available)
    func `what nobody wants any more is dropped before the next try`(engine: TestEngine) async throws {
        let recorder = MailRecorder()
        recorder.fail([MailDelayed(code: 451, reason: "later")])
        let asked = MailRecorder()
        let message = try Message(to: reader, subject: "asked", text: "x", language: .french)
        try await self.withStage(
            engine,
            recorder,
            isWanted: { topic in
                // Wanted the first time only.
                if !asked.sent.isEmpty { return false }
                try await asked.send(message)
                return topic == "topic"
            }
        ) { stage in
            _ = try await stage.enqueue("topic")
            try await stage.runOut()
            #expect(asked.sent.count == 1)
            #expect(recorder.sent.isEmpty)
            #expect(try await stage.failed().isEmpty)
        }
    }

    @Test func `a demonstration's mails lie in a folder, readable by its owner only`() async throws {
        try await TestEngine.withFolder { folder in
            let place = URL(fileURLWithPath: folder).appending(path: "mail-outbox")
            let message = try Message(to: reader, subject: "x", text: "hello", language: .french)
            let mailer = MailFolder(place, from: sender)
            try await mailer.send(message)
            try await mailer.send(message)
            let files = try FileManager.default.contentsOfDirectory(atPath: place.path)
            #expect(files == ["\(message.id.uuidString.lowercased()).eml"])
            let file = place.appending(path: files[0])
            #expect(try Received(Data(contentsOf: file)).text == "hello")
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
        }
    }
}
