import Foundation
import Testing
import Vault

struct `Receipt codes` {
    @Test func `have 26 digits in seven groups`() throws {
        let code = ReceiptCode.random()
        #expect(code.digits.utf8.count == 26)
        #expect(code.digits.allSatisfy { $0.isASCII && $0.isNumber })
        #expect(code.groups.map(\.count) == [4, 4, 4, 4, 4, 4, 2])
        #expect(code.groups.joined() == code.digits)
        #expect(try ReceiptCode(typed: code.digits) == code)
    }

    @Test func `the check digits are those of ISO 7064 MOD 97-10`() {
        for _ in 0..<100 {
            let remainder = ReceiptCode.random().digits.compactMap(\.wholeNumberValue).reduce(0) { ($0 * 10 + $1) % 97 }
            #expect(remainder == 1)
        }
    }

    @Test func `every single wrong digit and every swap of neighbours is found`() {
        for _ in 0..<50 {
            let digits = Array(ReceiptCode.random().digits)
            for place in digits.indices {
                for wrong in "0123456789" where wrong != digits[place] {
                    var typed = digits
                    typed[place] = wrong
                    #expect(throws: ReceiptCode.Mistake.checkDigits) { try ReceiptCode(typed: String(typed)) }
                }
                if place > 0, digits[place] != digits[place - 1] {
                    var typed = digits
                    typed.swapAt(place, place - 1)
                    #expect(throws: ReceiptCode.Mistake.checkDigits) { try ReceiptCode(typed: String(typed)) }
                }
            }
        }
    }

    @Test func `are read in all digits and with all separators`() throws {
        let code = ReceiptCode.random()
        func written(from zero: UInt32, _ separator: String) -> String {
            code.groups.map { group in
                digits(group, from: zero)
            }.joined(separator: separator)
        }
        for zero in [0x30, 0x660, 0x6f0, 0xff10] as [UInt32] {
            for separator in ["", " ", "-", ".", "\u{a0}", "\u{202f}", "–", "—", "‑", "·", "\r\n", "\t", "۔"] {
                #expect(try ReceiptCode(typed: written(from: zero, separator)) == code)
            }
        }
        #expect(try ReceiptCode(typed: "\u{200f}\u{2067}\u{feff}\(written(from: 0x660, "\u{61c} "))\u{2069}") == code)
    }

    @Test func `a wrong length says how many characters were found`() {
        #expect(throws: ReceiptCode.Mistake.wrongLength(0)) { try ReceiptCode(typed: " -") }
        #expect(throws: ReceiptCode.Mistake.wrongLength(4)) { try ReceiptCode(typed: "12 34") }
        #expect(throws: ReceiptCode.Mistake.wrongLength(27)) {
            try ReceiptCode(typed: ReceiptCode.random().digits + "1")
        }
    }

    @Test func `a letter in the place of a digit is a mistake, not passed over`() {
        let digits = ReceiptCode.random().digits
        #expect(throws: ReceiptCode.Mistake.checkDigits) { try ReceiptCode(typed: "O" + digits.dropFirst()) }
        #expect(throws: ReceiptCode.Mistake.wrongLength(27)) { try ReceiptCode(typed: "x" + digits) }
    }

    @Test func `the same form token always shows the same code, another token or key another code`() throws {
        let key = try fixedMasterKey().derive("codes")
        let codes = (0..<200).map { ReceiptCode.derived(from: "token \($0)", key: key).digits }
        #expect(codes == (0..<200).map { ReceiptCode.derived(from: "token \($0)", key: key).digits })
        #expect(Set(codes).count == 200)
        let other = try fixedMasterKey().derive("other codes")
        #expect(ReceiptCode.derived(from: "token 0", key: other).digits != codes[0])
        for code in codes { #expect(try ReceiptCode(typed: code).digits == code) }
    }

    @Test func `derived digits are uniform`() throws {
        let key = try fixedMasterKey().derive("codes")
        var counts: [Character: Int] = [:]
        for number in 0..<40_000 {
            for digit in ReceiptCode.derived(from: "\(number)", key: key).digits.prefix(24) {
                counts[digit, default: 0] += 1
            }
        }
        // 960,000 digits: 96,000 of each, four standard deviations are 1,176; taking all bytes modulo 10 would make 0 to 5
        // more frequent by about 1,500. The key is fixed, so this never fails by chance.
        for digit in "0123456789" { #expect(abs(counts[digit, default: 0] - 96_000) < 1176) }
    }
}
