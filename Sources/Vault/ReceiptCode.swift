import Crypto
import FoundationEssentials

/// The code by which somebody who gave no name comes back to their report: 24 random digits (79.7 bits) and two check
/// digits after ISO/IEC 7064 MOD 97-10, which find every single wrong digit and every swap of neighbours before any
/// costly derivation. Digits are read alike in all our languages and over the telephone.
package struct ReceiptCode: Secret, Equatable {
    /// Digits in all, check digits included.
    package static let length = 26

    /// What is wrong with a code that was typed.
    package enum Mistake: Error, Equatable, Sendable {
        /// So many characters were found (separators not counted) instead of 26.
        case wrongLength(Int)
        /// The length is right, but at least one digit is not.
        case checkDigits
    }

    /// 26 ASCII digits. Shown to the reporter once, never stored, logged or put into a URL.
    package let digits: String

    /// - Parameter payload: 24 numbers from 0 to 9.
    private init(payload: [Int]) {
        let check = Self.checkDigits(of: payload)
        self.digits = (payload + [check / 10, check % 10]).map(String.init).joined()
    }

    package static func random() -> ReceiptCode {
        var generator = SystemRandomNumberGenerator()
        return ReceiptCode(payload: (0..<24).map { _ in Int.random(in: 0...9, using: &generator) })
    }

    /// The code that belongs to a form token. Sending the same form twice, or reloading the answer, shows the same code
    /// instead of making a second report whose code is lost. Digits are uniform: bytes of the stream
    /// HMAC-SHA256(key, token, counter) from 250 on are passed over, the others taken modulo 10.
    package static func derived(from formToken: String, key: DerivedKey) -> ReceiptCode {
        var payload: [Int] = []
        var counter: UInt8 = 0
        while payload.count < 24 {
            var message = Framed("receipt-code")
            message.add(formToken)
            message.add(CollectionOfOne(counter))
            payload += key.authenticate(message.bytes).filter { $0 < 250 }.map { Int($0 % 10) }
            counter += 1
        }
        return ReceiptCode(payload: Array(payload.prefix(24)))
    }

    /// Reads what somebody typed, in any of the digits of our languages, with any blanks, dashes, dots and direction
    /// marks.
    package init(typed: String) throws(Mistake) {
        var found: [Int] = []
        var count = 0
        for scalar in typed.unicodeScalars where !scalar.isSeparatorInCodes {
            count += 1
            if let digit = scalar.codeDigit, found.count < Self.length { found.append(digit) }
        }
        guard count == Self.length else { throw .wrongLength(count) }
        guard found.count == Self.length,
            Self.checkDigits(of: Array(found.prefix(24))) == found[24] * 10 + found[25]
        else { throw .checkDigits }
        self.init(payload: Array(found.prefix(24)))
    }

    /// 4, 4, 4, 4, 4, 4 and 2 digits, as the code is shown.
    package var groups: [String] { self.digits.groups(of: 4) }

    /// 2…98: what makes the whole number 1 modulo 97.
    private static func checkDigits(of payload: [Int]) -> Int {
        98 - payload.reduce(0) { ($0 * 10 + $1) % 97 } * 100 % 97
    }

    package static func == (left: ReceiptCode, right: ReceiptCode) -> Bool {
        Digest.constantTimeEqual(left.digits, right.digits)
    }
}
