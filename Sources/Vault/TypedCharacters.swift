/// How codes are read from what people type, in any of our languages and keyboards.
extension UnicodeScalar {
    /// ASCII, Arabic-Indic (٠…٩), extended Arabic-Indic (۰…۹) and fullwidth (０…９) digits.
    var codeDigit: Int? {
        for zero in [0x30, 0x660, 0x6f0, 0xff10] as [UInt32] where (zero...zero + 9).contains(self.value) {
            return Int(self.value - zero)
        }
        return nil
    }

    /// Blanks of all widths, dashes, dots and the invisible marks that copying from right-to-left text brings along.
    var isSeparatorInCodes: Bool {
        if self.properties.isWhitespace || self.properties.isDash { return true }
        switch self.value {
        // Full stop, middle dot, bullet, ideographic and fullwidth full stop, Arabic full stop, low line.
        case 0x2e, 0xb7, 0x2022, 0x3002, 0xff0e, 0x6d4, 0x5f: return true
        // Soft hyphen, zero-width characters, byte order mark.
        case 0xad, 0x200b...0x200d, 0x2060, 0xfeff: return true
        // Arabic letter mark, left-to-right and right-to-left marks, embeddings, overrides, isolates.
        case 0x61c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: return true
        default: return false
        }
    }
}

extension String {
    func groups(of size: Int) -> [String] {
        let characters = Array(self)
        return stride(from: 0, to: characters.count, by: size).map {
            String(characters[$0..<Swift.min($0 + size, characters.count)])
        }
    }
}
