import Kernel

/// The refusals of a form in the words of the page’s language.
package struct FormErrors {
    package struct Line: Sendable {
        let anchor: String
        let text: String
    }

    private let errors: InputErrors
    private let texts: Translations

    package init(_ errors: InputErrors, _ texts: Translations) {
        self.errors = errors
        self.texts = texts
    }

    package var isEmpty: Bool { self.errors.isEmpty }

    package var lines: [Line] { self.errors.items.map { Line(anchor: $0.field, text: self.sentence($0)) } }

    package subscript(field: String) -> String? { self.errors[field].map(self.sentence) }

    private func sentence(_ item: InputErrors.Item) -> String {
        self.texts.text(item.messageKey, ["limit": item.limit.map(String.init) ?? ""])
    }

    /// Every refusal a form of any surface can give, checked at start-up.
    package static let keys = [
        "error.required", "error.control", "error.too-short", "error.too-long", "error.choose", "error.not-understood",
        "error.date", "error.date-future", "error.amount", "error.too-many", "error.nothing-said", "error.email",
        "error.item.url", "error.item.phone", "error.item.email", "error.item.account", "error.item.iban",
        "error.code.length", "error.code.digits", "error.code.unknown", "error.sure", "error.embedded-file",
        "error.title",
        "error.password-short",
        "error.password-own-words", "error.password-dictionary", "error.totp", "error.email-taken", "error.roles-apart",
        "error.sign-in", "error.file.not-here", "error.file.too-many", "error.file.too-big", "error.file.unreadable",
        "error.file.type", "error.file.none", "error.file.busy",
    ]
}
