import App
import Casework
import Foundation
import Intake
import Kernel
import Mail
import Notifications
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct NewsTests {
    private static let address = "friend.of.mine@mailbox.example"

    @Test(arguments: TestEngine.available)
    func `one mail until the reporter has read, and it says nothing`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            let report = acceptance.report.id
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .arabic)
            #expect(try await stage.sent().isEmpty)

            try await stage.reply(to: report, by: stage.keyHolder)
            #expect(try await stage.sent().count == 1)
            try await stage.reply(to: report, by: stage.keyHolder)
            #expect(try await stage.sent().count == 1)

            try await stage.read(acceptance.code)
            #expect(try await stage.sent().count == 1)
            try await stage.reply(to: report, by: stage.keyHolder)
            let sent = try await stage.sent()
            #expect(sent.count == 2)

            let mail = try #require(sent.first)
            #expect(mail.to.rawValue == Self.address)
            #expect(mail.language == .arabic)
            #expect(mail.subject == "هناك جديد")
            #expect(mail.text.contains("https://portal.example/ar/suivi\n"))
            #expect(mail.leave?.hasPrefix("https://portal.example/ar/suivi/avis/quitter?t=") == true)
            for mail in sent {
                let code = acceptance.code.digits
                let link = mail.leave ?? ""
                let said = "\(mail.subject) \(mail.text.replacing(link, with: ""))"
                for secret in [canary, code, acceptance.report.reference, acceptance.report.kind, "\(report)"] {
                    #expect(!said.contains(secret))
                    #expect(!link.contains(secret))
                }
                // No number of the code, however it is grouped.
                #expect(!said.filter(\.isNumber).contains(code.prefix(4)))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a change of state is news too, what the reporter does is not`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            let token = try #require(try await stage.house.intake.visit(acceptance.code))
            let visit = try #require(try await stage.house.intake.resume(token))
            try await stage.house.intake.write("Something more", in: visit)
            #expect(try await stage.sent().isEmpty)
            let access = try await stage.access(stage.keyHolder)
            let opened = try await stage.house.casework.open(acceptance.report.id, for: access)
            try await stage.house.casework.triage(
                acceptance.report.id,
                version: opened.file.version,
                category: "scam",
                urgency: .normal,
                for: access
            )
            #expect(try await stage.sent().count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `who reads or leaves before the mail has left gets none`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let (first, second) = (try await stage.report(), try await stage.report())
            for acceptance in [first, second] {
                try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            }
            stage.recorder.fail([MailDelayed(code: 451, reason: "later"), MailDelayed(code: 451, reason: "later")])
            try await stage.reply(to: first.report.id, by: stage.keyHolder)
            try await stage.reply(to: second.report.id, by: stage.keyHolder)
            #expect(try await stage.sent().isEmpty)
            try await stage.read(first.code)
            try await stage.house.notifications.stopNews(of: second.subject)
            stage.hand.move(4 * 3600)
            #expect(try await stage.sent().isEmpty)
            let backlog = try await stage.house.environment.database.read {
                try JobQueue.backlog($0, now: stage.hand.now)
            }
            #expect(backlog.waiting + backlog.due + backlog.failed == 0)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the link of a mail leaves once, and an altered one never`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let notifications = stage.house.notifications
            let acceptance = try await stage.report()
            try await notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            try await stage.reply(to: acceptance.report.id, by: stage.keyHolder)
            let link = try #require(try await stage.sent().first?.leave)
            let token = String(link.split(separator: "=")[1])
            for index in token.indices {
                let other: Character = token[index] == "A" ? "B" : "A"
                let altered = token.replacingCharacters(in: index...index, with: String(other))
                // The last letter of a base64 text may carry bits that mean nothing; ours has none left over.
                #expect(try await notifications.leave(altered) == false)
            }
            #expect(try await notifications.newsHint(of: acceptance.subject) == "f…@mailbox.example")
            #expect(try await notifications.leave(token))
            #expect(try await notifications.newsHint(of: acceptance.subject) == nil)
            #expect(try await notifications.leave(token))

            // A link to an address that was replaced does not touch the new one.
            try await notifications.tellNews(of: acceptance.subject, at: "other@mailbox.example", in: .french)
            #expect(try await notifications.leave(token))
            #expect(try await notifications.newsHint(of: acceptance.subject) == "o…@mailbox.example")
        }
    }

    @Test(arguments: TestEngine.available)
    func `what is no address, or more than one, is refused and kept nowhere`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            let wrong =
                [
                    nil, "", "x", "a@b", "a@b.example\r\nBcc: c@d.example", "a@b.example\nX: y",
                    "a@b.example, c@d.example",
                    "a@b.example>", "\"a\"@b.example", "é@b.example", "a@é.example", "a\0@b.example", "-f@b.example",
                    String(repeating: "a", count: 300) + "@b.example", "\u{202e}a@b.example",
                ] + Self.naughty
            for text in wrong {
                await #expect(throws: InputErrors.self, "\(text ?? "nothing")") {
                    try await stage.house.notifications.tellNews(of: acceptance.subject, at: text, in: .french)
                }
            }
            #expect(try await stage.house.notifications.newsHint(of: acceptance.subject) == nil)
        }
    }

    /// Those of others, without the few that are an address.
    private static var naughty: [String] {
        guard let folder = ProcessInfo.processInfo.environment["CONFORMANCE_DATA"],
            let data = FileManager.default.contents(atPath: "\(folder)/naughty-strings/blns-even.json"),
            let strings = try? JSONDecoder().decode([String].self, from: data)
        else {
            print("CONFORMANCE_DATA is not set: the naughty strings of others were NOT tried as addresses")
            return []
        }
        return strings.filter { text in EmailAddress(text.trimmed).map { !Message.isDeliverable($0) } ?? true }
    }

    @Test(arguments: TestEngine.available)
    func `asking and leaving are in the log, without the address`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            try await stage.house.notifications.stopNews(of: acceptance.subject)
            try await stage.house.notifications.stopNews(of: acceptance.subject)
            let entries = try await stage.house.environment.database.read { tx in
                try AuditLog.entries(tx, subject: "\(acceptance.report.id)")
            }
            let ours = entries.filter { $0.action.hasPrefix("notification.") }
            #expect(ours.map(\.action) == ["notification.news.left", "notification.news.wanted"])
            #expect(ours.allSatisfy { !$0.detail.contains("mailbox") })
        }
    }

    @Test(arguments: TestEngine.available)
    func `the address goes with its report`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            let left = try await stage.house.environment.database.write { tx in
                try tx.execute("DELETE FROM report WHERE id = \(acceptance.report.id)")
                return try tx.value(Int.self, "SELECT count(*) FROM news_address")
            }
            #expect(left == 0)
        }
    }

    @Test func `no file of the database shows an address, before or after the mail`() async throws {
        try await TestEngine.withFolder { folder in
            let database = try await Database.open(.sqlite("\(folder)/test.sqlite"))
            try await database.migrate(Schemas.all)
            let stage = try await Stage(database)
            let acceptance = try await stage.report()
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: Self.address, in: .french)
            try await stage.reply(to: acceptance.report.id, by: stage.keyHolder)
            try Self.search(folder)
            stage.recorder.fail([MailRefused(code: 550)])
            _ = try await stage.sent()
            #expect(try await database.read { try JobQueue.failed($0) }.count == 1)
            try await database.checkpoint()
            try Self.search(folder)
            try await database.close()
        }
    }

    private static func search(_ folder: String) throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(files.contains { $0.hasSuffix(".sqlite") })
        for file in files {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)"))
            for word in ["friend.of.mine", "mailbox.example", canary] {
                #expect(bytes.range(of: Data(word.utf8)) == nil, "\(word) in \(file)")
            }
            // The search finds what is there.
            if file.hasSuffix(".sqlite") || file.hasSuffix("-wal"), bytes.count > 100_000 {
                #expect(bytes.range(of: Data("news_address".utf8)) != nil)
            }
        }
    }
}
