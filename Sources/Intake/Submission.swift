import Foundation
import Indicators
import Kernel

/// What the browser sent: text, unchecked.
package struct RawSubmission: Sendable {
    /// By field id, in the order sent.
    package var fields: [String: [String]]
    /// By kind; each entry one line of text, empty ones are skipped.
    package var items: [Indicator.Kind: [String]]
    package var identity: String?
    package var name: String?
    package var contact: String?

    package init(
        fields: [String: [String]] = [:],
        items: [Indicator.Kind: [String]] = [:],
        identity: String? = nil,
        name: String? = nil,
        contact: String? = nil
    ) {
        self.fields = fields
        self.items = items
        self.identity = identity
        self.name = name
        self.contact = contact
    }
}

/// A report that has been checked and may be kept.
package struct Submission: Sendable {
    package let questionnaire: Questionnaire
    /// By field id; a field that was not shown is not there.
    package let answers: [String: [String]]
    package let items: [Indicator]
    package let identity: Questionnaire.Identity
    package let name: String?
    package let contact: String?

    /// A flood of addresses is not a report; more can be added later.
    package static let mostItems = 20

    package init(
        _ questionnaire: Questionnaire,
        _ raw: RawSubmission,
        normaliser: Normaliser,
        today: Day
    ) throws(InputErrors) {
        var input = InputReader()
        var answers: [String: [String]] = [:]
        for field in questionnaire.fields {
            if let when = field.when, Set(answers[when.question] ?? []).isDisjoint(with: when.is) { continue }
            let values = Self.values(of: field, raw.fields[field.id] ?? [], &input, today: today)
            if !values.isEmpty { answers[field.id] = values }
        }
        var items: [Indicator] = []
        for kind in questionnaire.items {
            for (index, written) in (raw.items[kind] ?? []).enumerated() {
                let name = "item-\(kind.rawValue)-\(index)"
                guard let text = input.text(name, written, length: 0...2048), !text.isEmpty else { continue }
                let indicator = Indicator(kind: kind, written: text)
                if !normaliser.isPlausible(indicator) { input.refuse(name, "error.item.\(kind.rawValue)") }
                if !items.contains(indicator) { items.append(indicator) }
            }
        }
        if items.count > Self.mostItems { input.refuse("items", "error.too-many", limit: Self.mostItems) }
        if questionnaire.route == .child, items.isEmpty { input.refuse("item-url-0", "error.required") }
        let identity = input.choice(
            "identity",
            raw.identity ?? questionnaire.identity.first?.rawValue,
            as: Questionnaire.Identity.self
        )
        if let identity, !questionnaire.identity.contains(identity) { input.refuse("identity", "error.choose") }
        // What was typed before the person chose to stay anonymous is not kept.
        let isAnonymous = identity == .anonymous
        let name = isAnonymous ? nil : input.text("name", raw.name, length: (identity == .named ? 2 : 0)...120)
        let contact =
            isAnonymous ? nil : input.text("contact", raw.contact, length: (identity == .confidential ? 5 : 0)...200)
        // Where no file may come in, none comes in as text either.
        if !questionnaire.files {
            for (field, values) in answers where values.contains(where: \.holdsEmbeddedFile) {
                input.refuse(field, "error.embedded-file")
            }
            for (index, item) in items.enumerated() where item.written.holdsEmbeddedFile {
                input.refuse("item-\(item.kind.rawValue)-\(index)", "error.embedded-file")
            }
        }
        if answers.isEmpty, items.isEmpty, input.errors.isEmpty {
            input.refuse(questionnaire.fields.last?.id ?? "items", "error.nothing-said")
        }
        try input.finish()
        self.questionnaire = questionnaire
        self.answers = answers
        self.items = items
        self.identity = identity ?? .anonymous
        self.name = name.flatMap { $0.isEmpty ? nil : $0 }
        self.contact = contact.flatMap { $0.isEmpty ? nil : $0 }
    }

    private static func values(of field: Field, _ raw: [String], _ input: inout InputReader, today: Day) -> [String] {
        let first = raw.first
        switch field.kind {
        case .single, .multiple:
            let known = Set(field.options.map(\.id))
            let chosen = raw.filter { !$0.isEmpty }
            guard chosen.allSatisfy(known.contains), field.kind == .multiple || chosen.count <= 1 else {
                input.refuse(field.id, "error.choose")
                return []
            }
            if field.required, chosen.isEmpty { input.refuse(field.id, "error.choose") }
            return field.options.map(\.id).filter(chosen.contains)
        case .text, .long:
            return input.text(field.id, first, length: (field.required ? 1 : 0)...field.max).map {
                $0.isEmpty ? [] : [$0]
            } ?? []
        case .date:
            guard let text = first?.trimmed, !text.isEmpty else {
                if field.required { input.refuse(field.id, "error.required") }
                return []
            }
            guard let day = Self.day(text) else {
                input.refuse(field.id, "error.date")
                return []
            }
            // A day ahead of UTC is possible on the wall.
            guard day <= today + 1 else {
                input.refuse(field.id, "error.date-future")
                return []
            }
            return [day.rawValue]
        case .amount:
            guard let text = first?.trimmed, !text.isEmpty else {
                if field.required { input.refuse(field.id, "error.required") }
                return []
            }
            let plain = Self.latin(text.filter { !$0.isWhitespace }).replacing(",", with: ".")
                .replacing("\u{66b}", with: ".")
            // `Double` reads more than people write: signs, exponents, hexadecimal.
            let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
            guard plain.utf8.allSatisfy({ $0 == UInt8(ascii: ".") || digits.contains($0) }),
                let amount = Double(plain), amount < 1e12
            else {
                input.refuse(field.id, "error.amount")
                return []
            }
            return [plain]
        }
    }

    /// Decimal digits of any script as those of ours.
    private static func latin(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                scalars.append(Unicode.Scalar(UInt8(ascii: "0") + UInt8(value)))
            } else {
                scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    /// `25/11/2026`, `25-11-2026` or `2026-11-25`, in digits of either script.
    static func day(_ text: String) -> Day? {
        let latin = Self.latin(text)
        if let day = Day(rawValue: latin) { return day }
        let written = latin.split { "/-. ".contains($0) }
        let parts = written.compactMap { Int($0) }
        guard written.count == 3, parts.count == 3, (1900...9999).contains(parts[2]) else { return nil }
        func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return Day(rawValue: "\(parts[2])-\(padded(parts[1]))-\(padded(parts[0]))")
    }
}

extension String {
    /// A `data:` address, or a run of 500 signs and more as only encoded files have them.
    package var holdsEmbeddedFile: Bool {
        if self.lowercased().contains("data:") && self.lowercased().contains("base64,") { return true }
        var run = 0
        for byte in self.utf8 {
            let isEncoded =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "+")
                || byte == UInt8(ascii: "/") || byte == UInt8(ascii: "=")
            // Encoded files are broken into lines.
            if isEncoded { run += 1 } else if byte != UInt8(ascii: "\n") { run = 0 }
            if run >= 500 { return true }
        }
        return false
    }
}
