import Foundation
import Kernel

/// A mail to one person: plain text, no names, nothing that could become a header of its own. One that exists can be
/// sent.
package struct Message: Sendable, Equatable {
    /// What was wrong with the parts of a message. Says nothing of what they were.
    package enum Fault: Error, Equatable, Sendable {
        /// Only ASCII addresses: others need every relay on the way to know SMTPUTF8.
        case address
        /// Empty, over 200 characters, or with a control, a line end or a sign that turns the direction of writing.
        case subject
        /// Empty, over 20,000 characters, or with a control other than line ends and tabs.
        case text
        /// Not an http(s) address of at most 900 printable ASCII characters.
        case link
    }

    /// The same for every try, so that a mailbox that gets it twice can tell. Random: says nothing about when.
    package let id: UUID
    package let to: EmailAddress
    package let subject: String
    package let text: String
    /// Of the text; its BCP 47 tag goes into the headers.
    package let language: Language
    /// Where one click ends it (RFC 8058): must take a POST without a session.
    package let leave: String?

    package init(
        id: UUID = UUID(),
        to: EmailAddress,
        subject: String,
        text: String,
        language: Language,
        leave: String? = nil
    ) throws(Fault) {
        guard Self.isDeliverable(to) else { throw .address }
        guard (1...200).contains(subject.count), subject.utf8.count <= 800, !subject.trimmed.isEmpty,
            subject.unicodeScalars.allSatisfy({ !$0.isControl && !$0.breaksLines && !$0.turnsText })
        else { throw .subject }
        let text = text.replacing("\r\n", with: "\n")
        guard (1...20_000).contains(text.count), text.utf8.count <= 100_000,
            text.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || !$0.isControl })
        else { throw .text }
        if let leave {
            guard leave.hasPrefix("https://") || leave.hasPrefix("http://"), leave.utf8.count <= 900,
                leave.utf8.allSatisfy({
                    (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">")
                })
            else { throw .link }
        }
        self.id = id
        self.to = to
        self.subject = subject
        self.text = text
        self.language = language
        self.leave = leave
    }

    /// Whether a mail can be addressed to it.
    package static func isDeliverable(_ address: EmailAddress) -> Bool {
        address.rawValue.utf8.allSatisfy { (0x21...0x7e).contains($0) } && !address.rawValue.hasPrefix("-")
    }
}

extension Message: Codable {
    private enum Keys: String, CodingKey { case id, to, subject, text, language, leave }

    /// Through the same gate as any other: what was stored is checked again.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Keys.self)
        try self.init(
            id: values.decode(UUID.self, forKey: .id),
            to: values.decode(EmailAddress.self, forKey: .to),
            subject: values.decode(String.self, forKey: .subject),
            text: values.decode(String.self, forKey: .text),
            language: values.decode(Language.self, forKey: .language),
            leave: values.decodeIfPresent(String.self, forKey: .leave)
        )
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        try values.encode(self.id, forKey: .id)
        try values.encode(self.to, forKey: .to)
        try values.encode(self.subject, forKey: .subject)
        try values.encode(self.text, forKey: .text)
        try values.encode(self.language, forKey: .language)
        try values.encodeIfPresent(self.leave, forKey: .leave)
    }
}

extension Unicode.Scalar {
    /// Ends a line for programs that think so.
    fileprivate var breaksLines: Bool { self.value == 0x2028 || self.value == 0x2029 }

    /// Makes a subject read as something it is not.
    fileprivate var turnsText: Bool { (0x202a...0x202e).contains(self.value) || (0x2066...0x2069).contains(self.value) }
}
