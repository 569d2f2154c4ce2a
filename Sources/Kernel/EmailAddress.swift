/// An address to which mail can be sent.
package struct EmailAddress: RawRepresentable, Hashable, Codable, Sendable {
    package let rawValue: String

    package init?(_ text: String) { self.init(rawValue: text) }

    /// Deliberately loose: one `@`, something on both sides, a dot in the domain, no blanks or controls, at most 254
    /// bytes (RFC 5321). Whether it is *someone's* address is decided by the confirmation e-mail.
    package init?(rawValue: String) {
        let parts = rawValue.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), rawValue.utf8.count <= 254 else { return nil }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy({ !$0.isEmpty && !$0.hasPrefix("-") && !$0.hasSuffix("-") }),
            rawValue.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7f && !$0.properties.isWhitespace }),
            !rawValue.contains(where: { "<>(),;:\"\\[]".contains($0) })
        else { return nil }
        self.rawValue = rawValue
    }

    package var domain: Substring { self.rawValue.split(separator: "@").last ?? "" }
}
