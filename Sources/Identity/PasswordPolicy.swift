import CCracklib
import Foundation
import Kernel
import Synchronization

/// Length first; no composition rules, no forced rotation (ASVS 5.0 V6.2). Refused: what a dictionary holds and what is
/// made of the platform's own words. The only file that imports cracklib.
package struct PasswordPolicy: Sendable {
    package static let length = 15...128

    /// cracklib works in static buffers.
    private static let turn = Mutex(())

    /// Words a guesser tries first on this platform.
    private let ownWords: [String]
    private let dictionary: String?

    /// - Parameter ownWords: name of the platform, of the operator, of the person.
    package init(ownWords: [String]) {
        self.ownWords =
            (["cyberconfiance", "confiance", "cyber", "maroc", "morocco", "المغرب", "password", "motdepasse"] + ownWords)
            .map(Self.folded).filter { $0.count >= 4 }
        let path = String(cString: GetDefaultCracklibDict())
        self.dictionary = FileManager.default.fileExists(atPath: path + ".pwd") ? path : nil
    }

    /// Whether a dictionary is installed; `doctor` says so.
    package var hasDictionary: Bool { self.dictionary != nil }

    package func check(_ password: String, _ input: inout InputReader, field: String = "password") {
        if password.count < Self.length.lowerBound {
            return input.refuse(field, "error.password-short", limit: Self.length.lowerBound)
        }
        if password.count > Self.length.upperBound || password.utf8.count > 1024 {
            return input.refuse(field, "error.too-long", limit: Self.length.upperBound)
        }
        var rest = Self.folded(password)
        for word in self.ownWords.sorted(by: { $0.count > $1.count }) { rest = rest.replacing(word, with: "") }
        // What remains once the platform's words, digits and signs are taken away must still be a password.
        if Set(rest.filter(\.isLetter)).count < 5 { return input.refuse(field, "error.password-own-words") }
        if self.isInDictionary(password) { return input.refuse(field, "error.password-dictionary") }
    }

    private func isInDictionary(_ password: String) -> Bool {
        guard let dictionary else { return false }
        return Self.turn.withLock { _ in
            guard let verdict = FascistCheck(password, dictionary) else { return false }
            // Its other verdicts are composition rules, which we do not have.
            let text = String(cString: verdict)
            return text.contains("dictionary") || text.contains("DIFFERENT")
        }
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
            .filter { $0.isLetter || $0.isNumber }
    }
}
