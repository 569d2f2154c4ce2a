import Foundation
import Testing
import Vault

private struct Holder {
    let secret: any Secret
}

struct `Secrecy` {
    @Test func `no key and no code prints`() async throws {
        let master = MasterKey.random()
        let code = ReceiptCode.random()
        let derivation = KeyDerivation(
            masterKey: master,
            systemSalt: random(16),
            receiptCost: cheap,
            staffCost: cheap
        )
        let receipt = try await derivation.receipt(code)
        let staff = try await derivation.staff(password: "password", salt: random(16))
        await derivation.shutdown()
        var sealer = BlobSealer(key: .random(), context: SealContext("t"))
        _ = sealer.start()
        _ = sealer.update(Data("password".utf8))
        let secrets: [(any Secret, String)] = [
            (master, "MasterKey"), (master.derive("x"), "DerivedKey"), (ContentKey.random(), "ContentKey"),
            (code, "ReceiptCode"), (receipt, "ReceiptKeys"), (staff, "StaffKeys"),
            (PrivateBox.generate(), "PrivateBox"), (PrivateBox.generate(.x25519), "PrivateBox"),
            (SecretToken.random(), "SecretToken"), (SigningKey(master.derive("x")), "SigningKey"),
            (RecoveryKey.random(), "RecoveryKey"), (sealer, "BlobSealer"),
            (BlobOpener(key: .random(), context: SealContext("t")), "BlobOpener"),
        ]
        for (secret, name) in secrets {
            #expect("\(secret)" == name)
            #expect(String(reflecting: secret) == name)
            var dumped = ""
            dump(secret, to: &dumped)
            #expect(dumped == "- \(name)\n")
            // As part of something else.
            dumped = ""
            dump(Holder(secret: secret), to: &dumped)
            #expect(dumped.split(separator: "\n").count == 2)
            #expect("\(Holder(secret: secret))" == "Holder(secret: \(name))")
            #expect("\([secret])" == "[\(name)]")
        }
    }

    @Test func `bytes of strangers are refused, never fatal`() throws {
        let key = try fixedMasterKey()
        let (content, box, context) = (ContentKey.random(), PrivateBox.generate(.x25519), SealContext("t"))
        let (sealed, forms) = (SealedToken(key: key.derive("a"), lifetime: 60), FormTokens(key: key.derive("b")))
        for round in 0..<3000 {
            var noise = random(Int.random(in: 0...200))
            // Half of them begin like something that Vault makes.
            if round.isMultiple(of: 2) { noise = Data([1]) + noise }
            if round.isMultiple(of: 5) { noise = Data("CCB1\u{1}\u{1}".utf8) + noise }
            let text = noise.base64EncodedString().replacing("=", with: "")
            #expect(throws: VaultError.self) { try content.open(noise, context) }
            #expect(throws: VaultError.self) { try box.unwrapKey(noise, context) }
            #expect(throws: VaultError.self) { try PrivateBox.open(noise, under: content, context) }
            #expect(throws: VaultError.self) { try sealed.open(text, now: day) }
            #expect(throws: ReceiptCode.Mistake.self) { try ReceiptCode(typed: text) }
            #expect(throws: VaultError.self) {
                var opener = BlobOpener(key: content, context: context)
                _ = try opener.update(noise)
                _ = try opener.finish()
            }
            #expect(!forms.check(text, "p", now: day))
            #expect(RecoveryCodes.hash(text) == nil || text.utf8.count == 24)
            _ = SecretToken(text)
            _ = try? PublicBox(encoded: noise)
        }
    }
}
