import Foundation
import Testing
import Vault

struct `Second factors` {
    private let secret = TOTP.newSecret()
    private let counter = UInt64(day.timeIntervalSince1970) / 30

    private func match(_ typed: String, after last: UInt64? = nil) -> UInt64? {
        TOTP.matchingCounter(typed, secret: self.secret, now: day, after: last)
    }

    @Test func `a one-time password is good one step early and late, not two`() {
        for step in [self.counter - 1, self.counter, self.counter + 1] {
            #expect(self.match(TOTP.code(secret: self.secret, counter: step)) == step)
        }
        // A code of two steps away can by chance be that of one step away: take a secret for which it is not.
        var secret = self.secret
        func codes(_ counters: [UInt64]) -> [String] { counters.map { TOTP.code(secret: secret, counter: $0) } }
        func near() -> [String] { codes([self.counter - 1, self.counter, self.counter + 1]) }
        func far() -> [String] { codes([self.counter - 2, self.counter + 2]) }
        while near().contains(where: far().contains) { secret = TOTP.newSecret() }
        for code in far() { #expect(TOTP.matchingCounter(code, secret: secret, now: day, after: nil) == nil) }
    }

    @Test func `a one-time password is good once`() {
        let code = TOTP.code(secret: self.secret, counter: self.counter)
        #expect(self.match(code, after: self.counter - 1) == self.counter)
        #expect(self.match(code, after: self.counter) == nil)
        #expect(self.match(code, after: self.counter + 1) == nil)
    }

    @Test func `a one-time password is read in all digits and with blanks`() {
        let code = TOTP.code(secret: self.secret, counter: self.counter)
        for zero in [0x660, 0x6f0, 0xff10] as [UInt32] {
            #expect(self.match(digits(code, from: zero)) == self.counter)
        }
        #expect(self.match("\u{200f} \(code.prefix(3)) \(code.suffix(3))\n") == self.counter)
        for bad in ["", "1", code + "1", code.dropLast() + "x", String(repeating: " ", count: 1000), code + code] {
            #expect(self.match(bad) == nil)
        }
    }

    @Test func `an enrolment says who and for what, escaped`() {
        #expect(self.secret.count == 20)
        let uri = TOTP.uri(secret: Data("12345678901234567890".utf8), account: "zoé@a.ma", issuer: "Cyber & co")
        #expect(
            uri == "otpauth://totp/Cyber%20%26%20co:zo%C3%A9%40a.ma?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
                + "&issuer=Cyber%20%26%20co&algorithm=SHA1&digits=6&period=30"
        )
    }

    @Test func `recovery codes are read as they look`() throws {
        let codes = RecoveryCodes.make()
        #expect(codes.count == 10)
        #expect(Set(codes.map(RecoveryCodes.hash)).count == 10)
        for code in codes {
            let hash = try #require(RecoveryCodes.hash(code))
            #expect(code.split(separator: "-").map(\.count) == [4, 4, 4, 4, 4, 4])
            #expect(RecoveryCodes.hash(code.lowercased().replacing("-", with: " ")) == hash)
            #expect(RecoveryCodes.hash(code.replacing("0", with: "O").replacing("1", with: "l")) == hash)
            #expect(RecoveryCodes.hash(String(code.dropLast())) == nil)
            #expect(RecoveryCodes.hash(code + "0") == nil)
            #expect(RecoveryCodes.hash("U" + code.dropFirst()) == nil)
        }
        #expect(RecoveryCodes.hash("") == nil)
    }

    @Test func `a recovery key opens what it sealed, and typing mistakes are found`() throws {
        let key = RecoveryKey.random()
        let sealed = key.contentKey.seal(Data("x".utf8), SealContext("t"))
        let typed = try #require(RecoveryKey(typed: key.text.lowercased()))
        #expect(key.text.split(separator: "-").count == 14)
        #expect(try typed.contentKey.open(sealed, SealContext("t")) == Data("x".utf8))
        let text = Array(key.text)
        for place in text.indices where text[place] != "-" {
            var wrong = text
            wrong[place] = text[place] == "7" ? "8" : "7"
            #expect(RecoveryKey(typed: String(wrong)) == nil)
        }
        #expect(RecoveryKey(typed: "") == nil)
    }
}
