import FoundationEssentials

/// Five bits a character, most significant first, without padding.
enum Base32 {
    /// RFC 4648 section 6: what authenticator apps expect.
    static let standard = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    /// Crockford's: no I, L, O, U, so that what is read from paper can be typed as it looks.
    static let handwritten = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")

    static func encode(_ data: Data, _ alphabet: [Character] = Self.standard) -> String {
        var text = ""
        var buffer = 0
        var bits = 0
        for byte in data {
            buffer = (buffer << 8 | Int(byte)) & 0xfff
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[buffer >> bits & 31])
            }
        }
        if bits > 0 { text.append(alphabet[buffer << (5 - bits) & 31]) }
        return text
    }

    /// What a person typed of a `handwritten` code: blanks, dashes and direction marks are passed over, O is read as 0,
    /// I and L as 1.
    /// - Returns: `nil` for any other character, for bits left over that are not zero, or for a length that is not
    ///   `count` bytes.
    static func decodeTyped(_ typed: String, count: Int) -> Data? {
        var bytes = Data()
        var buffer = 0
        var bits = 0
        for scalar in typed.unicodeScalars where !scalar.isSeparatorInCodes {
            guard let value = self.value(scalar), bytes.count <= count else { return nil }
            buffer = (buffer << 5 | value) & 0xfff
            bits += 5
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(buffer >> bits & 0xff))
            }
        }
        guard bytes.count == count, bits < 5, buffer & (1 << bits - 1) == 0 else { return nil }
        return bytes
    }

    private static func value(_ scalar: UnicodeScalar) -> Int? {
        if let digit = scalar.codeDigit { return digit }
        switch scalar.properties.uppercaseMapping {
        case "O": return 0
        case "I", "L": return 1
        case let letter where letter.count == 1: return self.handwritten.firstIndex(of: Character(letter))
        default: return nil
        }
    }

    /// In groups of four with dashes.
    static func grouped(_ text: String) -> String { text.groups(of: 4).joined(separator: "-") }
}
