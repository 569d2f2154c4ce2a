import Foundation
import Testing
import Vault

struct `Known answers` {
    @Test(
        arguments: [
            (59, "94287082"), (1_111_111_109, "07081804"), (1_111_111_111, "14050471"), (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"), (20_000_000_000, "65353130"),
        ] as [(UInt64, String)]
    )
    func `one-time passwords are those of RFC 6238 with SHA-1`(time: UInt64, eight: String) {
        // The RFC prints eight digits; six digits are the last six of them.
        let secret = Data("12345678901234567890".utf8)
        #expect(TOTP.code(secret: secret, counter: time / 30) == String(eight.suffix(6)))
    }

    @Test(arguments: [
        ("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("fooba", "MZXW6YTB"),
        ("foobar", "MZXW6YTBOI"),
    ])
    func `base 32 is that of RFC 4648`(text: String, encoded: String) {
        #expect(TOTP.base32(Data(text.utf8)) == encoded)
    }

    @Test func `Argon2id is that of RFC 9106`() throws {
        let tag = try Argon2.id(
            Data(repeating: 1, count: 32),
            salt: Data(repeating: 2, count: 16),
            secret: Data(repeating: 3, count: 8),
            associated: Data(repeating: 4, count: 12),
            cost: Argon2Cost(memoryKiB: 32, passes: 3),
            lanes: 4,
            count: 32
        )
        #expect(hex(tag) == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659")
    }

    @Test func `parameters that Argon2 refuses are errors`() {
        #expect(throws: VaultError.derivation(-6)) {
            try Argon2.id(Data(), salt: random(7), secret: Data(), associated: Data(), cost: cheap, count: 32)
        }
        #expect(throws: VaultError.self) {
            let cost = Argon2Cost(memoryKiB: 1, passes: 0)
            return try Argon2.id(Data(), salt: random(8), secret: Data(), associated: Data(), cost: cost, count: 32)
        }
    }

    @Test func `signatures are those of RFC 8032`() throws {
        let key = try SigningKey(seed: bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
        let signature = bytes(
            """
            92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da
            085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00
            """
        )
        let published = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
        #expect(hex(key.publicKey.encoded) == published)
        #expect(try VerifyingKey(encoded: bytes(published)).isValid(signature: signature, for: Data([0x72])))
        #expect(key.publicKey.isValid(signature: key.sign(Data([0x72])), for: Data([0x72])))
    }

    @Test func `tree heads are those of the Certificate Transparency test vectors`() {
        let rows = "|00|10|2021|3031|40414243|5051525354555657|606162636465666768696a6b6c6d6e6f"
        let leaves = rows.split(separator: "|", omittingEmptySubsequences: false)
            .map { Digest.sha256Hex(Data([0]) + bytes(String($0))) }
        #expect(
            AuditHash.root([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        )
        #expect(
            AuditHash.root(Array(leaves.prefix(1)))
                == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
        )
        #expect(
            AuditHash.root(leaves) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
        )
    }
}
