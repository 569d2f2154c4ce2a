import Foundation
import Testing
import Vault

struct `Secret tokens` {
    @Test func `are read back from their text only`() {
        let token = SecretToken.random()
        #expect(token.text.utf8.count == 43)
        #expect(SecretToken(token.text) == token)
        #expect(SecretToken.random() != token)
        for bad in ["", "x", token.text + "=", token.text + "A", " " + token.text, String(token.text.dropLast())] {
            #expect(SecretToken(bad) == nil)
        }
        // The last character carries two bits that mean nothing; only one way of writing them is taken.
        let zeros = String(repeating: "A", count: 43)
        #expect(SecretToken(zeros) != nil)
        #expect(SecretToken(zeros.dropLast() + "B") == nil)
    }

    @Test func `have a hash that finds them and keys that only they open`() throws {
        let token = SecretToken.random()
        #expect(token.hash.utf8.count == 64)
        #expect(SecretToken(token.text)?.hash == token.hash)
        let sealed = token.contentKey("visit").seal(Data("x".utf8), SealContext("t"))
        #expect(try token.contentKey("visit").open(sealed, SealContext("t")) == Data("x".utf8))
        #expect(throws: VaultError.wrongKey) { try token.contentKey("other").open(sealed, SealContext("t")) }
        #expect(throws: VaultError.wrongKey) {
            try SecretToken.random().contentKey("visit").open(sealed, SealContext("t"))
        }
    }
}

struct `Sealed tokens` {
    private let tokens = SealedToken(key: MasterKey.random().derive("help"), lifetime: 3600)

    @Test func `carry their payload until they expire`() throws {
        let token = try self.tokens.seal(Data("state".utf8).asSlice, now: day)
        #expect(try self.tokens.open(token, now: day) == Data("state".utf8))
        #expect(try self.tokens.open(token, now: day + 3599) == Data("state".utf8))
        #expect(throws: VaultError.expired) { try self.tokens.open(token, now: day + 3601) }
        #expect(throws: VaultError.wrongKey) {
            try SealedToken(key: MasterKey.random().derive("help"), lifetime: 3600).open(token, now: day)
        }
    }

    @Test func `stay below 512 characters`() throws {
        let largest = random(SealedToken.largestPayload)
        let token = try self.tokens.seal(largest, now: day)
        #expect(token.utf8.count <= 512)
        #expect(try self.tokens.open(token, now: day) == largest)
        #expect(throws: VaultError.tooLong(limit: SealedToken.largestPayload)) {
            try self.tokens.seal(largest + Data([0]), now: day)
        }
        #expect(throws: VaultError.malformed) { try self.tokens.open(String(repeating: "A", count: 513), now: day) }
    }

    @Test func `show every altered character`() throws {
        let token = Array(try self.tokens.seal(Data("state".utf8), now: day))
        for place in token.indices {
            for other in base64URLCharacters where other != token[place] {
                var altered = token
                altered[place] = other
                #expect(throws: VaultError.self) { try self.tokens.open(String(altered), now: day) }
            }
            #expect(throws: VaultError.self) { try self.tokens.open(String(token.prefix(place)), now: day) }
        }
    }
}

struct `Form tokens` {
    private let tokens = FormTokens(key: MasterKey.random().derive("forms"))

    @Test func `are good for their form, their person and their time`() {
        let token = self.tokens.issue("report", subject: "session", now: day)
        func check(_ purpose: String, _ subject: String, _ seconds: TimeInterval) -> Bool {
            self.tokens.check(token, purpose, subject: subject, now: day + seconds, lifetime: 1800)
        }
        #expect(check("report", "session", 0))
        #expect(check("report", "session", 1799))
        #expect(!check("report", "session", 1801))
        #expect(!check("report", "session", -301))
        #expect(!check("other", "session", 0))
        #expect(!check("report", "other", 0))
        #expect(!check("reports", "ession", 0))
        #expect(self.tokens.check(token, "report", subject: "session", now: day + 86_399))
        #expect(!self.tokens.check(token, "report", subject: "session", now: day + 86_400))
        #expect(self.tokens.issuedAt(token) == day)
        let other = FormTokens(key: MasterKey.random().derive("forms"))
        #expect(!other.check(token, "report", subject: "session", now: day))
    }

    @Test func `are all different and show every altered character`() {
        #expect(Set((0..<100).map { _ in self.tokens.issue("report", now: day) }).count == 100)
        let token = Array(self.tokens.issue("report", now: day))
        #expect(self.tokens.check(String(token), "report", now: day))
        for place in token.indices {
            for other in base64URLCharacters where other != token[place] {
                var altered = token
                altered[place] = other
                #expect(!self.tokens.check(String(altered), "report", now: day))
            }
        }
        for bad in ["", "x", String(token) + "A", String(token.dropLast())] {
            #expect(!self.tokens.check(bad, "report", now: day))
            #expect(self.tokens.issuedAt(bad) == nil)
        }
    }
}
