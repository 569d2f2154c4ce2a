import DataFiles
import Foundation
import Kernel
import Yams

/// The interface's texts of one language, and their weaving into templates at start-up.
///
/// In a template `{{#t}}intake.title{{/t}}` becomes the text. A text may name values of the page as `{name}`; they are
/// escaped like any other value. `{{#t}}intake.received|count{{/t}}` chooses among `intake.received.one`, `.few`,
/// `.many`, `.other` by the plural category of `count`.
package struct Translations: Sendable {
    package let language: Language
    private let texts: [String: String]

    package init(language: Language, texts: [String: String]) {
        self.language = language
        self.texts = texts
    }

    /// Reads all YAML files of `locales/LANG/`; nested keys are joined with dots.
    package static func load(_ language: Language, resources folder: URL) throws(FileFaults) -> Translations {
        var texts: [String: String] = [:]
        var faults: [FileFault] = []
        for name in YAMLFile.names(in: folder, under: "locales/\(language)", ending: ".yaml") {
            do throws(FileFaults) {
                let tree = try YAMLFile(folder: folder, name: name).decode(TextTree.self)
                for (key, text) in tree.flattened where texts.updateValue(text, forKey: key) != nil {
                    faults.append(FileFault(name, "the key “\(key)” stands elsewhere too"))
                }
            } catch {
                faults += error.items
            }
        }
        if !faults.isEmpty { throw FileFaults(faults) }
        return Translations(language: language, texts: texts)
    }

    package var keys: Set<String> { Set(self.texts.keys) }

    package func find(_ key: String) -> String? { self.texts[key] }

    /// For keys made of a code, such as `case.state.closed`. All of them are checked at start-up
    /// (`PageRenderer.require`), so the key itself is only ever shown by a test that forgot to.
    package func text(_ key: String) -> String { self.texts[key] ?? key }

    /// The same with values put in. The result is plain text, escaped when it is rendered.
    package func text(_ key: String, _ values: [String: String]) -> String {
        Self.filled(self.text(key), values)
    }

    /// The form of a text that fits a number; `{count}` is the number.
    package func plural(_ key: String, _ count: Int, _ values: [String: String] = [:]) -> String {
        let category = PluralCategory(count, in: self.language)
        let form = self.texts["\(key).\(category.rawValue)"] ?? self.texts["\(key).other"] ?? key
        return Self.filled(form, values.merging(["count": String(count)]) { _, count in count })
    }

    /// In one pass: what a value holds is not looked at again.
    private static func filled(_ text: String, _ values: [String: String]) -> String {
        var result = ""
        var rest = text[...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            result += rest[..<open]
            result += values[String(rest[rest.index(after: open)..<close])] ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// Turns template source into this language's template source.
    /// - Returns: the source, and the keys it uses that are missing.
    package func expand(_ source: String) -> (source: String, missing: [String]) {
        var result = ""
        var missing: [String] = []
        var rest = source[...]
        while let open = rest.firstRange(of: "{{#t}}"), let close = rest[open.upperBound...].firstRange(of: "{{/t}}") {
            result += rest[..<open.lowerBound]
            let key = String(rest[open.upperBound..<close.lowerBound]).trimmed
            if let text = self.texts[key] { result += Self.fragment(key, text) } else { missing.append(key) }
            rest = rest[close.upperBound...]
        }
        return (result + rest, missing)
    }

    private static func fragment(_ key: String, _ text: String) -> String {
        let escaped = key.hasSuffix("_html") ? text : text.escapedForHTML
        return escaped.replacing(/\{([A-Za-z.]+)\}/) { "{{\($0.output.1)}}" }
    }
}

/// Nested maps of texts.
private enum TextTree: Decodable {
    case text(String)
    case branch([String: TextTree])

    init(from decoder: any Decoder) throws {
        if let branch = try? [String: TextTree](from: decoder) {
            self = .branch(branch)
        } else {
            self = .text(try decoder.singleValueContainer().decode(String.self))
        }
    }

    var flattened: [(String, String)] {
        switch self {
        case .text(let text): [("", text)]
        case .branch(let branch):
            branch.flatMap { name, tree in tree.flattened.map { ($0.0.isEmpty ? name : "\(name).\($0.0)", $0.1) } }
        }
    }
}

/// Which form of a noun goes with a number (CLDR plural rules, cardinal, whole numbers).
package enum PluralCategory: String, CaseIterable, Sendable {
    case zero, one, two, few, many, other

    package init(_ count: Int, in language: Language) {
        let n = abs(count)
        self =
            switch language {
            case .french: n < 2 ? .one : .other
            case .english: n == 1 ? .one : .other
            case .amazigh: n < 2 ? .one : .other
            case .arabic:
                switch n {
                case 0: .zero
                case 1: .one
                case 2: .two
                case _ where (3...10).contains(n % 100): .few
                case _ where (11...99).contains(n % 100): .many
                default: .other
                }
            }
    }

    package static func all(in language: Language) -> [PluralCategory] {
        language == .arabic ? Self.allCases : [.one, .other]
    }
}

extension String {
    /// Safe in the text of an element and in a quoted attribute.
    package var escapedForHTML: String {
        guard self.utf8.contains(where: { Self.entity($0) != nil }) else { return self }
        var result: [UInt8] = []
        result.reserveCapacity(self.utf8.count + 32)
        for byte in self.utf8 {
            if let entity = Self.entity(byte) { result += entity.utf8 } else { result.append(byte) }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func entity(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "&"): "&amp;"
        case UInt8(ascii: "<"): "&lt;"
        case UInt8(ascii: ">"): "&gt;"
        case UInt8(ascii: "\""): "&quot;"
        case UInt8(ascii: "'"): "&#39;"
        default: nil
        }
    }
}
