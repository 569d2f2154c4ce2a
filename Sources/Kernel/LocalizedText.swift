/// One sentence in several languages: `{fr: …, ar: …, en: …}` in the files of `Resources/`.
package struct LocalizedText: Hashable, Codable, Sendable {
    private let texts: [Language: String]

    package init(_ texts: [Language: String]) { self.texts = texts }

    /// Unknown language tags and empty sentences are faults of the file, not of the reader.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        var texts: [Language: String] = [:]
        for (tag, text) in try container.decode([String: String].self) {
            guard let language = Language(rawValue: tag) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "unknown language “\(tag)”")
            }
            if text.trimmed.isEmpty {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "the text in \(tag) is empty")
            }
            texts[language] = text
        }
        self.texts = texts
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(
            [String: String](uniqueKeysWithValues: self.texts.map { ($0.key.rawValue, $0.value) })
        )
    }

    package var languages: Set<Language> { Set(self.texts.keys) }

    package subscript(_ language: Language) -> String? { self.texts[language] }

    /// The sentence to show, and the language it is really in.
    package func best(for language: Language) -> (text: String, language: Language) {
        for candidate in language.fallbacks {
            if let text = self.texts[candidate] { return (text, candidate) }
        }
        return ("", language)
    }

    /// The sentence to show where a notice about the fallback stands elsewhere on the page.
    package func text(_ language: Language) -> String { self.best(for: language).text }
}
