/// Reads raw strings into domain values and remembers every refusal, so that a person sees all
/// the mistakes in a form at once.
package struct InputReader {
    package private(set) var errors = InputErrors()

    package init() {}

    /// Throws what was refused, if anything was.
    package func finish() throws(InputErrors) { if !self.errors.isEmpty { throw self.errors } }

    /// A text of a person. Line ends become `\n`; control characters other than line ends and tabs are refused.
    /// - Parameter length: in characters as a reader counts them. A lower bound above 0 makes the field mandatory.
    package mutating func text(_ field: String, _ raw: String?, length: ClosedRange<Int>) -> String? {
        let value = (raw ?? "").replacing("\r\n", with: "\n").replacing("\r", with: "\n").trimmed
        if value.isEmpty, length.lowerBound > 0 { return self.refuse(field, "error.required") }
        guard value.unicodeScalars.allSatisfy({ $0 == "\n" || $0 == "\t" || !$0.isControl }) else {
            return self.refuse(field, "error.control")
        }
        if value.count < length.lowerBound { return self.refuse(field, "error.too-short", limit: length.lowerBound) }
        // Combining marks are free in `count`; the bytes bound what is stored.
        if value.count > length.upperBound || value.utf8.count > length.upperBound * 8 {
            return self.refuse(field, "error.too-long", limit: length.upperBound)
        }
        return value
    }

    package mutating func choice<Choice: RawRepresentable<String>>(
        _ field: String,
        _ raw: String?,
        as type: Choice.Type
    ) -> Choice? {
        guard let raw, !raw.isEmpty else { return self.refuse(field, "error.choose") }
        return Choice(rawValue: raw) ?? self.refuse(field, "error.choose")
    }

    /// `.some(nil)` when the field was left empty, `nil` when it was refused.
    package mutating func optional<Value>(
        _ field: String,
        _ raw: String?,
        message: String = "error.not-understood",
        _ parse: (String) -> Value?
    ) -> Value?? {
        let value = (raw ?? "").trimmed
        if value.isEmpty { return .some(nil) }
        guard let parsed = parse(value) else { return self.refuse(field, message) }
        return .some(parsed)
    }

    /// Remembers a refusal of the caller's own.
    @discardableResult
    package mutating func refuse<Value>(_ field: String, _ messageKey: String, limit: Int? = nil) -> Value? {
        self.errors.add(messageKey, for: field, limit: limit)
        return nil
    }

    package mutating func refuse(_ field: String, _ messageKey: String, limit: Int? = nil) {
        self.errors.add(messageKey, for: field, limit: limit)
    }
}

extension String {
    /// Without white space and byte-order marks at both ends.
    package var trimmed: String {
        let isBlank: (Character) -> Bool = { $0.isWhitespace || $0 == "\u{feff}" }
        let start = self.firstIndex { !isBlank($0) } ?? self.endIndex
        let end = self.lastIndex { !isBlank($0) }.map(self.index(after:)) ?? start
        return String(self[start..<end])
    }
}

extension Unicode.Scalar {
    /// C0, DEL and C1 controls: never part of what a person types, often part of an attack.
    package var isControl: Bool { self.value < 0x20 || (0x7f...0x9f).contains(self.value) }
}
