import Mail
import Testing

@Suite struct SettingsTests {
    @Test(arguments: [
        ("smtps://u:p%40ss@mail.example", "mail.example", 465, true, false),
        ("smtp://mail.example", "mail.example", 587, false, false),
        ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, false, true),
        ("smtp://[::1]:2525/", "::1", 2525, false, true),
        ("SMTP://localhost:25", "localhost", 25, false, true),
        ("smtp://localhost.mail.example", "localhost.mail.example", 587, false, false),
        ("smtp://127.0.0.1.mail.example", "127.0.0.1.mail.example", 587, false, false),
    ])
    func `an address says host, port and how`(url: String, host: String, port: Int, tls: Bool, loopback: Bool) throws {
        let settings = try SMTPSettings(url: url, from: "a@service.example")
        #expect((settings.host, settings.port) == (host, port))
        #expect((settings.isImplicitTLS, settings.isLoopback) == (tls, loopback))
    }

    @Test(arguments: [
        "", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example/x", "smtp://mail.example?a=b",
        "smtp://mail.example:0", "smtp://:secret@mail.example",
    ])
    func `what is no address is refused in words without the secret`(url: String) {
        do {
            _ = try SMTPSettings(url: url, from: "a@service.example")
            Issue.record("\(url) was taken")
        } catch {
            #expect(error.description.contains("SMTP_URL"))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test func `the settings never print user or password`() throws {
        let settings = try SMTPSettings(
            url: "smtps://somebody@mail.example",
            from: "a@service.example",
            password: "hush"
        )
        #expect("\(settings)" == "smtps://mail.example:465, from a@service.example")
        #expect(throws: SMTPSettings.Fault.self) { try SMTPSettings(url: "smtp://mail.example", from: "nobody") }
        #expect(throws: SMTPSettings.Fault.self) {
            try SMTPSettings(url: "smtps://u@mail.example", from: "a@service.example", password: "a\r\nb")
        }
    }
}
