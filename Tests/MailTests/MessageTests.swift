import Foundation
import Kernel
import Mail
import Testing

@Suite struct MessageTests {
    private static let names = [
        "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
        "Content-Language", "Auto-Submitted", "X-Auto-Response-Suppress",
    ]

    private func received(_ message: Message, at date: Date = Date(timeIntervalSince1970: 0)) throws -> Received {
        try Received(message.bytes(from: sender, date: date))
    }

    @Test(arguments: [
        "a\r\nBcc: x@y.example", "a\nBcc: x@y.example", "a\rb", "a\0b", "a\u{7f}", "a\u{85}b", "a\u{2028}b",
        "a\u{2029}b",
        "\u{202e}gpj.exe", "a\u{2066}b", "", "   ", String(repeating: "a", count: 201), "a\u{1b}[31m",
    ])
    func `what could become a header is refused as a subject`(subject: String) {
        #expect(throws: Message.Fault.subject) {
            try Message(to: reader, subject: subject, text: "x", language: .french)
        }
    }

    @Test(arguments: [
        "https://a.example/\r\nBcc: x", "https://a.example/ b", "https://a.example/>", "javascript:alert(1)",
        "https://é.example",
    ])
    func `what could become a header is refused as a link`(link: String) {
        #expect(throws: Message.Fault.link) {
            try Message(to: reader, subject: "x", text: "x", language: .french, leave: link)
        }
    }

    @Test func `controls are refused in the text, and addresses outside ASCII`() {
        #expect(throws: Message.Fault.text) { try Message(to: reader, subject: "x", text: "a\0", language: .french) }
        #expect(throws: Message.Fault.text) { try Message(to: reader, subject: "x", text: "a\rb", language: .french) }
        let foreign = EmailAddress("é@mail.example")!
        #expect(throws: Message.Fault.address) { try Message(to: foreign, subject: "x", text: "x", language: .french) }
        for injected in [
            "a@b.example\r\nBcc: c@d.example", "a@b.example\nx", "a@b.example>,<c@d.example", "a b@c.example",
        ] {
            #expect(EmailAddress(injected) == nil, "\(injected)")
        }
    }

    @Test(arguments: NaughtyStrings.all)
    func `no string makes a header of its own`(text: String) throws {
        guard let message = try? Message(to: reader, subject: text, text: "x", language: .english) else { return }
        let received = try self.received(message)
        #expect(received.headers.map(\.name) == Self.names)
        #expect(received.subject == text)
    }

    @Test(arguments: NaughtyStrings.all)
    func `a text arrives as it was written`(text: String) throws {
        guard let message = try? Message(to: reader, subject: "x", text: text, language: .english) else { return }
        let received = try self.received(message)
        #expect(received.headers.map(\.name) == Self.names)
        #expect(received.text.replacing("\r\n", with: "\n") == text.replacing("\r\n", with: "\n"))
    }

    @Test func `a long Arabic subject is cut between characters into short lines`() throws {
        let subject = String(repeating: "هناك جديد يخصّك 👩‍👩‍👧 ", count: 8) + "."
        let message = try Message(to: reader, subject: subject, text: "نص", language: .arabic)
        let bytes = message.bytes(from: sender, date: Date())
        #expect(try Received(bytes).subject == subject)
        #expect(bytes.allSatisfy { $0 < 0x80 })
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\r\n") { #expect(line.utf8.count <= 78) }
    }

    @Test func `the headers are those of RFC 5322 and RFC 8058`() throws {
        let id = UUID(uuidString: "0F0E0D0C-0B0A-4908-8706-050403020100")!
        let link = "https://portal.example/fr/suivi/avis/quitter?t=abc"
        let message = try Message(
            id: id,
            to: reader,
            subject: "Il y a du nouveau",
            text: "a\nb",
            language: .french,
            leave: link
        )
        let date = Day(rawValue: "2026-11-25")!.start + 14 * 3600 + 5 * 60 + 9
        let received = try self.received(message, at: date)
        #expect(received["Date"] == "Wed, 25 Nov 2026 14:05:09 +0000")
        #expect(received["Message-ID"] == "<0f0e0d0c-0b0a-4908-8706-050403020100@service.example>")
        #expect(received["To"] == "<reader@mail.example>")
        #expect(received["From"] == "<nobody@service.example>")
        #expect(received["Subject"] == "Il y a du nouveau")
        #expect(received["List-Unsubscribe"] == "<\(link)>")
        #expect(received["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click")
        #expect(received.text == "a\r\nb")
    }

    @Test(arguments: [
        ("1970-01-01", "Thu, 1 Jan 1970 00:00:00 +0000"), ("2000-02-29", "Tue, 29 Feb 2000 00:00:00 +0000"),
        ("2026-12-31", "Thu, 31 Dec 2026 00:00:00 +0000"), ("2028-03-01", "Wed, 1 Mar 2028 00:00:00 +0000"),
    ])
    func `days of the week are right`(day: String, header: String) throws {
        let message = try Message(to: reader, subject: "x", text: "x", language: .french)
        #expect(try self.received(message, at: Day(rawValue: day)!.start)["Date"] == header)
    }

    @Test func `what was stored is checked again when it is read`() throws {
        let message = try Message(to: reader, subject: "x", text: "x", language: .french, leave: "https://a.example/")
        let json = try JSONEncoder().encode(message)
        #expect(try JSONDecoder().decode(Message.self, from: json) == message)
        let altered = String(decoding: json, as: UTF8.self).replacing(
            "\"subject\":\"x\"",
            with: #""subject":"x\r\nBcc: y""#
        )
        #expect(throws: (any Error).self) { try JSONDecoder().decode(Message.self, from: Data(altered.utf8)) }
    }
}

/// Strings that broke other programs: some of our own, and those of others where `CONFORMANCE_DATA` names their folder.
enum NaughtyStrings {
    static let all: [String] = Self.own + Self.others

    private static let own = [
        "\r\n\r\nSet-Cookie: a=b", "=?UTF-8?B?QmNjOiB4?=", "=?utf-8?q?=0D=0ABcc:_x?=", ".", "..", "\n.\n", "a\n.\r\nb",
        "Subject: x", "%0d%0aBcc: x", "é\u{301}", "👩‍👩‍👧‍👦", "\u{feff}x", " x", "x ", String(repeating: "x", count: 200),
        String(repeating: "\u{10ffff}", count: 200), String(repeating: "ﷺ", count: 200),
    ]

    private static var others: [String] {
        guard let folder = ProcessInfo.processInfo.environment["CONFORMANCE_DATA"],
            let data = FileManager.default.contents(atPath: "\(folder)/naughty-strings/blns-even.json")
        else {
            print("CONFORMANCE_DATA is not set: the naughty strings of others were NOT tried on mails")
            return []
        }
        return (try? JSONDecoder().decode([String].self, from: data)) ?? []
    }
}
