import FoundationEssentials
import Kernel

/// Brings indicators to one spelling, so that the same address reported twice is found to be the same. The result goes
/// into a keyed hash and is never shown; what is shown is what the person wrote.
package struct Normaliser: Sendable {
    /// Raised whenever the same input would give another result; index rows carry it and are renewed.
    package static let version = 2

    private let plan: NumberingPlan

    package init(plan: NumberingPlan) { self.plan = plan }

    /// Every spelling under which the indicator should be found: for an address the whole of it and its host.
    package func spellings(_ indicator: Indicator) -> [(kind: String, text: String)] {
        switch indicator.kind {
        case .url:
            guard let (whole, host) = Self.url(indicator.written) else { return [] }
            return host.isEmpty ? [("url", whole)] : [("url", whole), ("host", host)]
        case .phone: return self.phone(indicator.written).map { [("phone", $0)] } ?? []
        case .email: return Self.email(indicator.written).map { [("email", $0)] } ?? []
        case .iban: return Self.iban(indicator.written).map { [("iban", $0)] } ?? []
        case .account: return Self.account(indicator.written).map { [("account", $0)] } ?? []
        }
    }

    /// Whether a person's input can be one of this kind at all; it says so before the report is sent.
    package func isPlausible(_ indicator: Indicator) -> Bool {
        !self.spellings(indicator).isEmpty
    }

    /// Scheme and host in lower case, default port, fragment and user information dropped, percent-encoding of
    /// unreserved signs undone (RFC 3986 section 6.2.2). Accepts the defanged `hxxp` and `[.]`.
    static func url(_ written: String) -> (whole: String, host: String)? {
        var text = Self.visible(written).replacing("[.]", with: ".").replacing("(.)", with: ".").replacing(
            "[:]",
            with: ":"
        )
        let lowered = text.lowercased()
        for (defanged, scheme) in [("hxxps://", "https://"), ("hxxp://", "http://"), ("//", "http://")]
        where lowered.hasPrefix(defanged) {
            text = scheme + text.dropFirst(defanged.count)
        }
        if !text.contains("://") { text = "http://" + text }
        guard let separator = text.firstRange(of: "://") else { return nil }
        let scheme = text[..<separator.lowerBound].lowercased()
        guard let initial = scheme.first, initial.isASCII, initial.isLetter,
            scheme.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) })
        else { return nil }
        var rest = text[separator.upperBound...]
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }
        let authorityEnd = rest.firstIndex { "/?\\".contains($0) } ?? rest.endIndex
        var authority = rest[..<authorityEnd]
        if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
        var host = authority.lowercased()
        for (port, owner) in [(":80", "http"), (":443", "https")] where scheme == owner && host.hasSuffix(port) {
            host.removeLast(port.count)
        }
        if host.hasSuffix(":") { host.removeLast() }
        while host.hasSuffix(".") { host.removeLast() }
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        let bare = parts.first.map(String.init) ?? ""
        guard parts.count == 1 || parts.count == 2 && UInt16(parts[1]) != nil, bare.contains("."),
            !bare.contains(where: { $0.isWhitespace || "<>\"{}|^`".contains($0) }),
            !bare.split(separator: ".", omittingEmptySubsequences: false).contains("")
        else { return nil }
        var path = Self.unescaped(String(rest[authorityEnd...]).replacing("\\", with: "/"))
        if path.isEmpty || path.hasPrefix("?") { path = "/" + path }
        let withoutWorldWideWeb = bare.hasPrefix("www.") ? String(bare.dropFirst(4)) : bare
        return ("\(scheme)://\(host)\(path)", withoutWorldWideWeb)
    }

    private static func unescaped(_ path: String) -> String {
        var result: [UInt8] = []
        let bytes = Array(path.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
            {
                let scalar = Unicode.Scalar(value)
                let isUnreserved =
                    scalar.properties.isAlphabetic && value < 128 || ("0"..."9").contains(scalar)
                    || "-._~".unicodeScalars.contains(scalar)
                if isUnreserved {
                    result.append(value)
                } else {
                    result += Array(String(decoding: bytes[index...(index + 2)], as: UTF8.self).uppercased().utf8)
                }
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// To `+` and the digits of an international number (E.164, at most 15 digits).
    func phone(_ written: String) -> String? {
        var digits = ""
        var isInternational = false
        var text = Self.visible(written)
        if text.lowercased().hasPrefix("tel:") { text.removeFirst(4) }
        for character in text.unicodeScalars {
            if let value = character.properties.numericType == .decimal ? character.properties.numericValue : nil {
                digits.append(String(Int(value)))
            } else if character == "+" || character == "＋", digits.isEmpty {
                isInternational = true
            } else if !"./()".unicodeScalars.contains(character), !character.properties.isWhitespace,
                !character.properties.isDash
            {
                return nil
            }
        }
        if digits.hasPrefix("00") {
            digits.removeFirst(2)
            isInternational = true
        }
        // "+212 (0)6…" keeps the trunk digit that nobody dials.
        if isInternational, digits.hasPrefix(self.plan.countryCode + self.plan.trunk),
            digits.count == self.plan.countryCode.count + self.plan.trunk.count + self.plan.nationalLength
        {
            digits = self.plan.countryCode + digits.dropFirst(self.plan.countryCode.count + self.plan.trunk.count)
        }
        if !isInternational {
            if digits.hasPrefix(self.plan.trunk), digits.count == self.plan.trunk.count + self.plan.nationalLength {
                digits = self.plan.countryCode + digits.dropFirst(self.plan.trunk.count)
            } else if digits.hasPrefix(self.plan.countryCode),
                digits.count == self.plan.countryCode.count + self.plan.nationalLength
            {
                // Already international, without its sign.
            } else if digits.count > 6 {
                return nil
            } else {
                // A short number such as a sender of SMS, the same in the whole country.
                return (3...6).contains(digits.count) ? digits : nil
            }
        }
        return (8...15).contains(digits.count) ? "+" + digits : nil
    }

    static func email(_ written: String) -> String? {
        var text = Self.visible(written).replacing("[.]", with: ".").replacing("[@]", with: "@")
        // "Name <address>", as mail programs copy it.
        if text.hasSuffix(">"), let open = text.lastIndex(of: "<") {
            text = String(text[text.index(after: open)...].dropLast()).trimmed
        }
        if text.lowercased().hasPrefix("mailto:") { text.removeFirst(7) }
        return EmailAddress(text)?.rawValue.lowercased()
    }

    /// Without what has no width: direction marks that a copied text brings along, byte-order marks, joiners.
    private static func visible(_ written: String) -> String {
        var scalars = written.unicodeScalars
        scalars.removeAll { $0.properties.generalCategory == .format }
        return String(scalars).trimmed
    }

    /// An IBAN (ISO 13616, check digits by ISO 7064 mod 97-10) or, in Morocco, a 24-digit RIB, from which the same
    /// IBAN is made.
    static func iban(_ written: String) -> String? {
        var text = String(Self.visible(written).uppercased().filter { !$0.isWhitespace && !"-.:".contains($0) })
        for label in ["IBAN", "RIB"] where text.hasPrefix(label) { text.removeFirst(label.count) }
        // Digits of any script.
        text = String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    guard scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue else {
                        return scalar
                    }
                    return Unicode.Scalar(UInt8(ascii: "0") + UInt8(value))
                }
            )
        )
        if text.count == 24, text.allSatisfy({ $0.isASCII && $0.isNumber }) {
            let check = 98 - Self.remainder(text + "MA00")
            return "MA" + (check < 10 ? "0" : "") + "\(check)" + text
        }
        guard (15...34).contains(text.count), text.prefix(2).allSatisfy({ $0.isASCII && $0.isLetter }),
            text.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber) }),
            Self.remainder(String(text.dropFirst(4) + text.prefix(4))) == 1
        else { return nil }
        return text
    }

    private static func remainder(_ text: String) -> Int {
        text.reduce(0) { rest, character in
            let value = character.wholeNumberValue ?? Int(character.asciiValue ?? 65) - 55
            return value > 9 ? (rest * 100 + value) % 97 : (rest * 10 + value) % 97
        }
    }

    /// A name on a platform: case and a leading `@` do not tell people apart.
    static func account(_ written: String) -> String? {
        if written.contains("/"), let (whole, _) = Self.url(written) { return whole }
        let text = Self.visible(written).lowercased()
        let name = text.hasPrefix("@") ? String(text.dropFirst()) : text
        return name.isEmpty ? nil : name
    }
}
