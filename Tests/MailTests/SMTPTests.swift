import Foundation
import Kernel
import Mail
import Testing

@Suite struct SMTPTests {
    private func message() throws -> Message {
        try Message(to: reader, subject: "Il y a du nouveau", text: "a\n.\n..b\n", language: .french)
    }

    /// What became of one mail to a server that behaves like this.
    private func attempt(
        _ behaviour: Sink.Behaviour,
        url: (Int) -> String = { "smtp://127.0.0.1:\($0)" }
    ) async throws -> (outcome: Result<Void, any Error>, sink: Sink) {
        let sink = Sink([behaviour])
        let port = try await sink.start()
        let settings = try SMTPSettings(url: url(port), from: sender.rawValue)
        let mailer = SMTPMailer(settings, timeout: 1000)
        let outcome: Result<Void, any Error>
        do {
            try await mailer.send(try self.message())
            outcome = .success(())
        } catch { outcome = .failure(error) }
        try await sink.stop()
        return (outcome, sink)
    }

    private func failure(_ behaviour: Sink.Behaviour, url: (Int) -> String = { "smtp://127.0.0.1:\($0)" }) async throws
        -> (any Error)?
    {
        if case .failure(let error) = try await self.attempt(behaviour, url: url).outcome { error } else { nil }
    }

    @Test func `a mail arrives whole, at its one recipient`() async throws {
        let (outcome, sink) = try await self.attempt(.accept)
        try outcome.get()
        #expect(sink.received.count == 1)
        #expect(sink.received[0].recipients == ["RCPT TO:<reader@mail.example>"])
        let received = try Received(Data(sink.received[0].data.utf8))
        #expect(received.subject == "Il y a du nouveau")
        #expect(received.text == "a\r\n.\r\n..b\r\n")
        // We greet by our sender's domain, never by the machine's name.
        #expect(sink.commands.first == "EHLO service.example")
        #expect(sink.commands.contains { $0.hasPrefix("MAIL FROM:<nobody@service.example>") })
    }

    @Test(arguments: [421, 450, 451, 452])
    func `a temporary refusal is worth another try`(code: Int) async throws {
        let error = try await self.failure(.answer(code)) as? MailDelayed
        #expect(error?.code == code)
    }

    @Test(arguments: [550, 552, 553, 554])
    func `a refusal for good is told apart, at the recipient and at the end`(code: Int) async throws {
        #expect(try await self.failure(.answer(code)) as? MailRefused == MailRefused(code: code))
        #expect(try await self.failure(.answerAtEnd(code)) as? MailRefused == MailRefused(code: code))
    }

    @Test func `a connection that breaks, or a server that says nothing, is worth another try`() async throws {
        #expect(try await self.failure(.drop) is MailDelayed)
        let (outcome, sink) = try await self.attempt(.silent)
        #expect(throws: MailDelayed.self) { try outcome.get() }
        #expect(sink.received.count == 1)
    }

    @Test func `a refused sign-in is ours to mend and does not condemn the mail`() async throws {
        let error = try await self.failure(.offer("AUTH PLAIN", 535)) { "smtp://user:wrong@127.0.0.1:\($0)" }
        #expect(error is MailDelayed)
        #expect("\(error.map { "\($0)" } ?? "")".contains("user or password"))
    }

    @Test func `nothing is said to a server without TLS where TLS is asked for`() async throws {
        let (outcome, sink) = try await self.attempt(.accept) { "smtps://127.0.0.1:\($0)" }
        #expect(throws: MailDelayed.self) { try outcome.get() }
        #expect(sink.commands.isEmpty)
    }

    @Test func `nobody listening is said in words`() async throws {
        let settings = try SMTPSettings(url: "smtp://127.0.0.1:1", from: sender.rawValue)
        let error = await #expect(throws: MailDelayed.self) { try await SMTPMailer(settings).send(try self.message()) }
        #expect(error?.reason.contains("does not answer") == true)
    }
}
