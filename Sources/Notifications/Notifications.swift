import Foundation
import Kernel
import Mail
import Storage
import Vault

/// Who wants to be told that there is news, and the mails that say so and nothing more.
///
/// A reporter may leave an address with a report, staff may choose for which cases their account's address is used.
/// Nobody gets a second mail before having read what the first one was about.
package struct Notifications: Sendable {
    /// Something news can be about: a report. Its type is another room's.
    package enum Subject {}
    package typealias SubjectID = Identifier<Subject>
    package typealias StaffID = Identifier<Principal>

    /// What a mail can say.
    package enum Letter: Sendable, Equatable {
        /// - `leave`: token of the link that ends it.
        case news(leave: String)
        case newCase
        case urgentCase
    }

    /// A letter in words, with the address that ends it.
    package struct Words: Sendable {
        package let subject: String
        package let text: String
        package let leave: String?

        package init(subject: String, text: String, leave: String?) {
            self.subject = subject
            self.text = text
            self.leave = leave
        }
    }

    /// Puts a letter into words. Pure.
    package typealias Compose = @Sendable (Letter, Language) -> Words
    /// The addresses of those who can work on a unit's cases now.
    package typealias Staff = @Sendable (ReadTransaction, DeskUnit) throws -> [(id: StaffID, email: String)]

    /// Whether mail can leave at all. Where it cannot, nothing is offered and nothing is kept.
    package let isOffered: Bool
    let database: Database
    let audit: AuditLog
    let outbox: Outbox
    let key: DerivedKey
    let links: SealedToken
    let clock: Clock
    let compose: Compose
    let staff: Staff

    /// A link in an old mail still works after five years, as long as there is something to leave.
    private static let linkLifetime: TimeInterval = 5 * 365 * 86_400

    package init(
        isOffered: Bool,
        database: Database,
        audit: AuditLog,
        outbox: Outbox,
        master: MasterKey,
        clock: Clock,
        compose: @escaping Compose,
        staff: @escaping Staff
    ) {
        self.isOffered = isOffered
        self.database = database
        self.audit = audit
        self.outbox = outbox
        self.key = master.derive("news-address")
        self.links = SealedToken(key: master.derive("news-leave"), lifetime: Self.linkLifetime)
        self.clock = clock
        self.compose = compose
        self.staff = staff
    }

    func message(_ letter: Letter, to: EmailAddress, _ language: Language) throws -> Message {
        let words = self.compose(letter, language)
        return try Message(to: to, subject: words.subject, text: words.text, language: language, leave: words.leave)
    }
}
