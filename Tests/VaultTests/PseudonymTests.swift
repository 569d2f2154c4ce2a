import Foundation
import Testing
import Vault

struct `Keyed hashes` {
    @Test func `a network has one pseudonym a day, without its addresses`() throws {
        let pseudonym = NetworkPseudonym(masterKey: try fixedMasterKey())
        func of(_ address: String) -> String { pseudonym.of(address: address, day: "2026-11-25") }
        #expect(of("192.0.2.1").utf8.count == 16)
        #expect(of("192.0.2.1") == of("192.0.2.254"))
        #expect(of("192.0.2.1") == of("::ffff:192.0.2.7"))
        #expect(of("192.0.2.1") != of("192.0.3.1"))
        #expect(of("2001:db8:1::1") == of("2001:db8:1:ffff::2"))
        #expect(of("2001:db8:1::1") != of("2001:db8:2::1"))
        #expect(of("fe80::1%eth0") == of("fe80::1"))
        #expect(of("") == of("nonsense"))
        #expect(of("") == of("192.0.2.1:80"))
        #expect(of("192.0.2.1") != pseudonym.of(address: "192.0.2.1", day: "2026-11-26"))
        let other = NetworkPseudonym(masterKey: .random())
        #expect(of("192.0.2.1") != other.of(address: "192.0.2.1", day: "2026-11-25"))
    }

    @Test func `a blind index finds the same value of the same kind under the same key`() throws {
        let key = try fixedMasterKey().derive("index")
        let index = BlindIndex(key: key, version: 1)
        #expect(index.version == 1)
        #expect(index.token("url", "example.ma").utf8.count == 16)
        #expect(index.token("url", "example.ma") == BlindIndex(key: key, version: 1).token("url", "example.ma"))
        let others = [
            index.token("url", "example.com"), index.token("domain", "example.ma"), index.token("urle", "xample.ma"),
            BlindIndex(key: key, version: 2).token("url", "example.ma"),
            BlindIndex(key: MasterKey.random().derive("index"), version: 1).token("url", "example.ma"),
        ]
        #expect(!others.contains(index.token("url", "example.ma")))
        #expect(Set(others).count == others.count)
    }

    @Test func `comparison tells equal from different`() {
        #expect(Digest.constantTimeEqual("abc", "abc"))
        #expect(!Digest.constantTimeEqual("abc", "abd"))
        #expect(!Digest.constantTimeEqual("abc", "ab"))
        #expect(Digest.constantTimeEqual(Data([1, 2]).asSlice, Data([1, 2])))
        #expect(Digest.sha256Hex(Data("abc".utf8)).hasPrefix("ba7816bf8f01cfea"))
    }
}
