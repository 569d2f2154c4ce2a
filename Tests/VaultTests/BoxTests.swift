import Foundation
import Testing
import Vault

@Suite struct `Boxes` {
    private let context = SealContext("report-to-unit", "report 1", "unit")
    private let other = SealContext("report-to-unit", "report 2", "unit")

    @Test(arguments: BoxSuite.allCases)
    func `hand a key to their holder only`(suite: BoxSuite) throws {
        let box = PrivateBox.generate(suite)
        let key = ContentKey.random()
        let sealed = key.seal(Data("x".utf8), self.context)
        let wrap = try PublicBox(encoded: box.publicBox.encoded.asSlice).wrap(key, self.context)
        #expect(wrap.first == suite.rawValue)
        #expect(wrap.count == (suite == .xwing ? 1169 : 81))
        #expect(try box.unwrapKey(wrap.asSlice, self.context).open(sealed, self.context) == Data("x".utf8))
        #expect(throws: VaultError.wrongKey) { try box.unwrapKey(wrap, self.other) }
        #expect(throws: VaultError.wrongKey) { try PrivateBox.generate(suite).unwrapKey(wrap, self.context) }
        #expect(throws: VaultError.self) { try box.unwrapBox(wrap, self.context) }
    }

    @Test(arguments: BoxSuite.allCases, BoxSuite.allCases)
    func `hand over another box`(outer: BoxSuite, inner: BoxSuite) throws {
        let (box, handed) = (PrivateBox.generate(outer), PrivateBox.generate(inner))
        let wrap = try box.publicBox.wrap(handed, self.context)
        let received = try box.unwrapBox(wrap, self.context)
        #expect(received.publicBox == handed.publicBox)
        let key = ContentKey.random()
        let sealed = key.seal(Data("x".utf8), self.context)
        let unwrapped = try received.unwrapKey(handed.publicBox.wrap(key, self.context), self.context)
        #expect(try unwrapped.open(sealed, self.context) == Data("x".utf8))
        #expect(throws: VaultError.wrongKey) { try box.unwrapBox(wrap, self.other) }
        #expect(throws: VaultError.self) { try box.unwrapKey(wrap, self.context) }
    }

    @Test(arguments: BoxSuite.allCases)
    func `lie at rest under a key`(suite: BoxSuite) throws {
        let (box, key) = (PrivateBox.generate(suite), ContentKey.random())
        let sealed = box.sealed(under: key, self.context)
        #expect(try PrivateBox.open(sealed, under: key, self.context).publicBox == box.publicBox)
        #expect(throws: VaultError.wrongKey) { try PrivateBox.open(sealed, under: key, self.other) }
        #expect(throws: VaultError.wrongKey) { try PrivateBox.open(sealed, under: .random(), self.context) }
        // Not to be had as content either.
        #expect(throws: VaultError.wrongKey) { try key.open(sealed, self.context) }
        #expect(throws: VaultError.wrongKey) {
            try PrivateBox.open(key.seal(Data(count: 33), self.context), under: key, self.context)
        }
    }

    @Test func `are X-Wing unless asked otherwise, and refuse the other suite`() throws {
        let (new, old) = (PrivateBox.generate(), PrivateBox.generate(.x25519))
        #expect(new.suite == .xwing)
        #expect(new.publicBox.encoded.count == 1217)
        #expect(old.publicBox.encoded.count == 33)
        let wrap = try old.publicBox.wrap(ContentKey.random(), self.context)
        #expect(throws: VaultError.unsupportedSuite(1)) { try new.unwrapKey(wrap, self.context) }
        #expect(throws: VaultError.unsupportedSuite(9)) { try new.unwrapKey(Data([9]) + wrap, self.context) }
        #expect(throws: VaultError.malformed) { try new.unwrapKey(Data(), self.context) }
    }

    @Test(arguments: BoxSuite.allCases)
    func `show every altered byte and every cut of a wrap`(suite: BoxSuite) throws {
        let box = PrivateBox.generate(suite)
        let wrap = try box.publicBox.wrap(ContentKey.random(), self.context)
        for index in wrap.indices {
            // X25519 ignores the highest bit of a point; HPKE binds the encapsulated bytes, so it is found all the same.
            for bit in [0, 7] {
                #expect(throws: VaultError.self) {
                    try box.unwrapKey(wrap.flipped(bit: bit, ofByte: index), self.context)
                }
            }
        }
        for count in [0, 1, 32, 33, wrap.count - 17, wrap.count - 1] {
            #expect(throws: VaultError.self) { try box.unwrapKey(wrap.prefix(count), self.context) }
        }
        #expect(throws: VaultError.self) { try box.unwrapKey(wrap + Data([0]), self.context) }
    }

    @Test func `refuse public keys that are none`() throws {
        #expect(throws: VaultError.malformed) { try PublicBox(encoded: Data()) }
        #expect(throws: VaultError.unsupportedSuite(3)) { try PublicBox(encoded: Data([3]) + random(32)) }
        #expect(throws: VaultError.malformed) { try PublicBox(encoded: Data([1]) + random(31)) }
        #expect(throws: VaultError.malformed) { try PublicBox(encoded: Data([2]) + random(1215)) }
    }

    @Test(arguments: [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0100000000000000000000000000000000000000000000000000000000000000",
        "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ])
    func `refuse points of small order, whose wraps everybody could open`(point: String) {
        #expect(throws: VaultError.malformed) { try PublicBox(encoded: Data([1]) + bytes(point)) }
    }
}
