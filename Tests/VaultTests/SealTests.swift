import Foundation
import Testing
import Vault

private struct Note: Codable, Equatable {
    var text: String
    var at: Date
}

struct `Sealed content` {
    private let key = ContentKey.random()
    private let context = SealContext("entry", "report 1", "row 2")

    @Test func `opens with its key and context`() throws {
        for size in [0, 1, 251, 252, 253, 1000, 70_000] {
            let content = random(size)
            let sealed = self.key.seal(content.asSlice, self.context)
            #expect(try self.key.open(sealed.asSlice, self.context) == content)
        }
    }

    @Test func `opens with no other key and in no other context`() {
        let sealed = self.key.seal(Data("x".utf8), self.context)
        #expect(throws: VaultError.wrongKey) { try ContentKey.random().open(sealed, self.context) }
        let others = [
            SealContext("note", "report 1", "row 2"), SealContext("entry", "report 2", "row 2"),
            SealContext("entry", "report 1", "row 3"), SealContext("entry", "report 1"), SealContext("entry"),
            SealContext("entry", "report 1", "row 2", ""), SealContext("entry", "report 1row 2"),
            SealContext("entry", "report 1r", "ow 2"), SealContext("entryreport 1", "row 2"),
            SealContext("entry", "row 2", "report 1"),
        ]
        for other in others {
            #expect(throws: VaultError.wrongKey) { try self.key.open(sealed, other) }
        }
    }

    @Test func `shows every altered bit and every cut`() {
        let sealed = self.key.seal(Data("x".utf8), self.context, padTo: 16)
        for index in sealed.indices {
            for bit in 0..<8 {
                #expect(throws: VaultError.self) {
                    try self.key.open(sealed.flipped(bit: bit, ofByte: index), self.context)
                }
            }
            #expect(throws: VaultError.self) { try self.key.open(sealed.prefix(index), self.context) }
        }
        #expect(throws: VaultError.self) { try self.key.open(sealed + Data([0]), self.context) }
        #expect(throws: VaultError.unsupportedSuite(7)) { try self.key.open(Data([7]) + sealed, self.context) }
        #expect(throws: VaultError.malformed) { try self.key.open(Data(), self.context) }
    }

    @Test func `has the same size for all short texts`() {
        let sizes = Set((0...252).map { self.key.seal(Data(count: $0), self.context).count })
        #expect(sizes == [1 + 12 + 256 + 16])
        #expect(self.key.seal(Data(count: 253), self.context).count == 1 + 12 + 512 + 16)
        #expect(self.key.seal(Data(count: 5), self.context, padTo: 1).count == 1 + 12 + 9 + 16)
        #expect(self.key.seal(Data(count: 5), self.context, padTo: 0).count == 1 + 12 + 9 + 16)
    }

    @Test func `is different every time`() {
        let sealed = (0..<100).map { _ in self.key.seal(Data("x".utf8), self.context) }
        #expect(Set(sealed).count == 100)
    }

    @Test func `can be a value, read back exactly`() throws {
        let note = Note(text: "السلام / ⵣ", at: Date(timeIntervalSince1970: 1_800_000_000.125))
        let sealed = try self.key.sealJSON(note, self.context)
        #expect(try self.key.openJSON(Note.self, sealed, self.context) == note)
        #expect(throws: VaultError.malformed) { try self.key.openJSON(Int.self, sealed, self.context) }
        #expect(throws: VaultError.wrongKey) { try self.key.openJSON(Note.self, sealed, SealContext("other")) }
        #expect(throws: VaultError.malformed) { try self.key.sealJSON(Double.infinity, self.context) }
    }

    @Test func `can be sealed under a key of the server`() throws {
        let sealed = try fixedMasterKey().derive("totp").contentKey.seal(Data("x".utf8), self.context)
        #expect(try fixedMasterKey().derive("totp").contentKey.open(sealed, self.context) == Data("x".utf8))
        #expect(throws: VaultError.wrongKey) {
            try fixedMasterKey().derive("other").contentKey.open(sealed, self.context)
        }
    }
}
