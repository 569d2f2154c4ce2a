import Storage

/// Takes a mail out of our hands: when it returns, somebody else has it.
package protocol Mailer: Sendable {
    /// - Throws: `MailRefused` when another try makes no sense, `MailDelayed` when it does.
    func send(_ message: Message) async throws
}

/// The other server will not take this mail, now or later. Kept and shown until a person decides.
package struct MailRefused: PermanentFailure, CustomStringConvertible, Equatable {
    /// The answer's code (RFC 5321), 500…599.
    package let code: Int

    package init(code: Int) { self.code = code }

    package var description: String { "the mail server refused the mail for good (answer \(self.code))" }
}

/// It did not work this time.
package struct MailDelayed: Error, CustomStringConvertible, Equatable {
    /// The answer's code (RFC 5321); 0 if there was none.
    package let code: Int
    /// In words an operator can act on; holds no address and nothing the other server said.
    package let reason: String

    package init(code: Int, reason: String) {
        self.code = code
        self.reason = reason
    }

    package var description: String {
        self.code == 0 ? self.reason : "\(self.reason) (answer \(self.code))"
    }
}
