import App
import Casework
import Foundation
import Identity
import Intake
import Kernel
import Mail
import Notifications
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct DeskNoticeTests {
    @Test(arguments: TestEngine.available)
    func `a new case is told once to who asked, an urgent one to more, and again after somebody read`(
        engine: TestEngine
    ) async throws {
        try await Stage.with(engine) { stage in
            let notifications = stage.house.notifications
            let analyst = try await stage.staff([.analyst], "analyst@desk.example")
            _ = try await stage.staff([.analyst], "quiet@desk.example")
            try await notifications.choose(.all, in: .french, by: analyst.principal)
            try await notifications.choose(.urgent, in: .arabic, by: stage.keyHolder.principal)

            let first = try await stage.report()
            #expect(try await stage.sent().map(\.to.rawValue) == ["analyst@desk.example"])
            _ = try await stage.report()
            #expect(try await stage.sent().count == 1)
            _ = try await stage.report(urgent: true)
            let urgent = try await stage.sent().dropFirst()
            #expect(Set(urgent.map(\.to.rawValue)) == ["analyst@desk.example", "keys@desk.example"])
            #expect(Set(urgent.map(\.language)) == [.french, .arabic])
            _ = try await stage.report(urgent: true)
            #expect(try await stage.sent().count == 3)

            _ = try await stage.house.casework.open(first.report.id, for: try await stage.access(analyst))
            _ = try await stage.report(urgent: true)
            let all = try await stage.sent()
            #expect(all.count == 5)
            for mail in all {
                #expect(mail.text.contains("https://desk.example/"))
                #expect(!mail.text.contains(canary))
                #expect(!mail.text.contains(first.report.reference))
                #expect(!mail.text.contains(first.report.kind))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `who asked for nothing, has left, or works for another unit gets nothing`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let notifications = stage.house.notifications
            let administrator = stage.administrator
            let (gone, other, undecided) = (
                try await stage.staff([.analyst], "gone@desk.example"),
                try await stage.staff([.childProtection], "child@desk.example"),
                try await stage.staff([.analyst], "undecided@desk.example")
            )
            for session in [gone, other, undecided, administrator] {
                try await notifications.choose(.all, in: .french, by: session.principal)
            }
            try await notifications.choose(.none, in: .french, by: undecided.principal)
            #expect(try await notifications.level(of: undecided.principal.id) == .none)
            try await stage.house.identity.disable(gone.principal.id, by: administrator)
            _ = try await stage.report(urgent: true)
            #expect(try await stage.sent().isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a case that becomes urgent is told`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            try await stage.house.notifications.choose(.urgent, in: .english, by: stage.keyHolder.principal)
            let acceptance = try await stage.report()
            #expect(try await stage.sent().isEmpty)
            let access = try await stage.access(stage.keyHolder)
            let opened = try await stage.house.casework.open(acceptance.report.id, for: access)
            try await stage.house.casework.triage(
                acceptance.report.id,
                version: opened.file.version,
                category: "sextortion",
                urgency: .imminentDanger,
                for: access
            )
            #expect(try await stage.sent().map(\.subject) == ["Urgent: a case waits"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `on call sees urgent cases nobody read, with the exact time they wait`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let access = try await stage.access(stage.keyHolder)
            _ = try await stage.report()
            let told = stage.hand.now
            let urgent = try await stage.report(urgent: true)
            stage.hand.move(3 * 3600)
            let later = try await stage.report(urgent: true)
            let waiting = try await stage.house.casework.onCall(for: access)
            #expect(waiting.map(\.file.reportId) == [urgent.report.id, later.report.id])
            #expect(abs((waiting.first?.since ?? .distantPast).timeIntervalSince(told)) < 1)

            _ = try await stage.house.casework.open(urgent.report.id, for: access)
            #expect(try await stage.house.casework.onCall(for: access).map(\.file.reportId) == [later.report.id])

            // A message on a case that was read waits since the message, not since the report.
            stage.hand.move(3600)
            let wrote = stage.hand.now
            let token = try #require(try await stage.house.intake.visit(urgent.code))
            let visit = try #require(try await stage.house.intake.resume(token))
            try await stage.house.intake.write("He writes again", in: visit)
            let again = try await stage.house.casework.onCall(for: access)
            #expect(again.map(\.file.reportId) == [later.report.id, urgent.report.id])
            #expect(abs((again.last?.since ?? .distantPast).timeIntervalSince(wrote)) < 1)

            // Without a key there is no exact time; without the permission there is no list.
            let keyless = DeskAccess(principal: stage.keyHolder.principal, unitKeys: [:])
            #expect(try await stage.house.casework.onCall(for: keyless).allSatisfy { $0.since == nil })
            let auditor = try await stage.staff([.auditor], "auditor@desk.example")
            await #expect(throws: DomainError.forbidden) {
                try await stage.house.casework.onCall(for: try await stage.access(auditor))
            }
        }
    }

    @Test func `without production mode nothing leaves the machine, unless the relay is the machine`() async throws {
        let remote = try SMTPSettings(url: "smtps://relay.example", from: "a@service.example")
        let local = try SMTPSettings(url: "smtp://127.0.0.1:2525", from: "a@service.example")
        try await TestEngine.withFolder { folder in
            let message = try Message(to: EmailAddress("a@b.example")!, subject: "x", text: "x", language: .french)
            for settings in [remote, nil] {
                let route = MailRoute(settings, isProduction: false, dataFolder: folder)
                let mailer = try #require(route.mailer(.system))
                #expect(mailer is MailFolder)
                try await mailer.send(message)
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/mail-outbox")
            #expect(files.count == 1)
            #expect(MailRoute(local, isProduction: false, dataFolder: folder).mailer(.system) is SMTPMailer)
            #expect(MailRoute(remote, isProduction: true, dataFolder: folder).mailer(.system) is SMTPMailer)
            #expect(MailRoute(nil, isProduction: true, dataFolder: folder).mailer(.system) == nil)
        }
    }
}
