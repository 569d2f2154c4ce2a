import Foundation
import Kernel

/// How mail leaves: a relay of the operator's own choice, over TLS unless it is this very machine.
package struct SMTPSettings: Sendable, CustomStringConvertible {
    package struct Fault: Error, CustomStringConvertible, Equatable {
        package let description: String

        package init(description: String) { self.description = description }
    }

    package let host: String
    package let port: Int
    /// TLS from the first byte; else STARTTLS, which must succeed unless `isLoopback`.
    package let isImplicitTLS: Bool
    let user: String?
    let password: String?
    package let from: EmailAddress

    /// - Parameters:
    ///   - url: `smtps://user:password@host:465` or `smtp://host:587`; user and password percent-encoded.
    ///   - from: the sender, whose domain also names us to the relay.
    ///   - password: from a file; wins over the one in the address.
    package init(url: String, from: String, password: String? = nil) throws(Fault) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            ["smtp", "smtps"].contains(scheme), let host = parts.host, !host.isEmpty,
            host.utf8.allSatisfy({ (0x21...0x7e).contains($0) }), parts.path.isEmpty || parts.path == "/",
            parts.query == nil, parts.fragment == nil
        else { throw Fault(description: "SMTP_URL is not smtps://USER:PASSWORD@HOST:465 or smtp://HOST:587") }
        let port = parts.port ?? (scheme == "smtps" ? 465 : 587)
        guard (1...65_535).contains(port) else { throw Fault(description: "SMTP_URL has no port of 1 to 65535") }
        guard let from = EmailAddress(from), Message.isDeliverable(from) else {
            throw Fault(description: "SMTP_FROM is not an e-mail address in ASCII; SMTP_URL needs one to send from")
        }
        let user = parts.user.flatMap { $0.isEmpty ? nil : $0 }
        let password = password ?? parts.password
        for secret in [user, password].compactMap(\.self)
        where !secret.unicodeScalars.allSatisfy({ !$0.isControl }) {
            throw Fault(description: "user or password of the mail server hold a control character")
        }
        if password != nil, user == nil {
            throw Fault(description: "SMTP_URL names no user for the password: smtps://USER@HOST:465")
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        self.isImplicitTLS = scheme == "smtps"
        self.user = user
        self.password = password
        self.from = from
    }

    /// On this machine: nothing leaves it, and nobody listens on the way.
    package var isLoopback: Bool {
        if ["localhost", "::1"].contains(self.host.lowercased()) { return true }
        let numbers = self.host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return numbers.count == 4 && !numbers.contains(nil) && numbers[0] == 127
    }

    /// Without user and password.
    package var description: String {
        "\(self.isImplicitTLS ? "smtps" : "smtp")://\(self.host):\(self.port), from \(self.from.rawValue)"
    }
}
