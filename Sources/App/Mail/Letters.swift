import Foundation
import Kernel
import Mail
import Notifications
import WebSupport

/// What mails say, in the words of the catalogues and with this installation's addresses. Never a subject matter, a
/// reference or a code.
struct Letters: Sendable {
    let pages: PageRenderer
    let publicOrigin: String
    let deskOrigin: String

    /// Checked at start-up.
    static let keys = ["news", "new-case", "urgent-case", "test"].flatMap {
        ["letter.\($0).subject", "letter.\($0).text"]
    }

    func words(_ letter: Notifications.Letter, _ language: Language) -> Notifications.Words {
        switch letter {
        case .news(let token):
            let leave = "\(self.publicOrigin)/\(language)/suivi/avis/quitter?t=\(token)"
            return self.words(
                "news",
                language,
                ["address": "\(self.publicOrigin)/\(language)/suivi", "leave": leave],
                leave: leave
            )
        case .newCase: return self.words("new-case", language, self.deskAddresses("dossiers", language))
        case .urgentCase: return self.words("urgent-case", language, self.deskAddresses("garde", language))
        }
    }

    /// What `mail test` sends.
    func test(to address: EmailAddress, _ language: Language) throws -> Message {
        let words = self.words("test", language, [:])
        return try Message(to: address, subject: words.subject, text: words.text, language: language)
    }

    private func deskAddresses(_ path: String, _ language: Language) -> [String: String] {
        [
            "address": "\(self.deskOrigin)/\(language)/\(path)", "settings": "\(self.deskOrigin)/\(language)/avis",
        ]
    }

    private func words(
        _ name: String,
        _ language: Language,
        _ values: [String: String],
        leave: String? = nil
    ) -> Notifications.Words {
        let texts = self.pages.texts(language)
        return Notifications.Words(
            subject: texts.text("letter.\(name).subject"),
            text: texts.text("letter.\(name).text", values),
            leave: leave
        )
    }
}
