/// What a report accuses or what hurt somebody: the unit that is classified, compared and later notified.
package struct Indicator: Hashable, Codable, Sendable {
    package enum Kind: String, CaseIterable, Codable, Sendable { case url, phone, email, account, iban }

    package let kind: Kind
    /// As the person wrote it, without white space at the ends.
    package let written: String

    package init(kind: Kind, written: String) {
        self.kind = kind
        self.written = written
    }
}

/// How national numbers are written in the country of the installation.
package struct NumberingPlan: Sendable {
    /// Without `+`.
    package let countryCode: String
    package let trunk: String
    /// Digits after the country code.
    package let nationalLength: Int

    package init(countryCode: String, trunk: String, nationalLength: Int) {
        self.countryCode = countryCode
        self.trunk = trunk
        self.nationalLength = nationalLength
    }
}
