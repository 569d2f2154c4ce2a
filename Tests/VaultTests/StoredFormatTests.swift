import Foundation
import Testing
import Vault

/// What earlier releases stored must open for ever. If one of these fails, the change is wrong, not the test; a new format
/// gets a new version byte and its own sample.
struct `Stored formats` {
    private let context = SealContext("kind", "part 1", "part 2")

    private func key() throws -> ContentKey { try ContentKey(bytes: Array(0...31 as ClosedRange<UInt8>)) }

    private func stored(_ base64: String) throws -> Data {
        try #require(Data(base64Encoded: base64.replacing("\n", with: "")))
    }

    @Test func `receipts and passwords lead to the same keys`() async throws {
        let master = try fixedMasterKey()
        let derivation = KeyDerivation(masterKey: master, systemSalt: Data(count: 16))
        let code = ReceiptCode.derived(from: "form token", key: master.derive("codes"))
        #expect(code.digits == "45748362674354743431082473")
        let receipt = try await derivation.receipt(code)
        #expect(receipt.lookup == "06e09ba5e68aa506e35e5675f9fd0847")
        let underReceipt = try self.stored("Ab+Vgw1WLy2KRXx/CCYmmJfzQCDe7Ped9IgE8fFTdOZG8ysYqyJS6w==")
        #expect(try receipt.key.open(underReceipt, self.context) == Data("content".utf8))
        let staff = try await derivation.staff(password: "password", salt: Data(count: 16), version: 1)
        #expect(hex(staff.verifier) == "e0be28b9d192ae97f6ab83001bc19b121a6a2f1fb8d4555fc494cf054cd497ed")
        let underStaff = try self.stored("ATLtSjVpFHkXUuUEB/Vn+J5dQ0qhllh4e0AecfpM5arTg2UfarRSFQ==")
        #expect(try staff.key.open(underStaff, self.context) == Data("content".utf8))
        await derivation.shutdown()
    }

    @Test func `keyed hashes and keys keep their values`() throws {
        let master = try fixedMasterKey()
        #expect(BlindIndex(key: master.derive("index"), version: 1).token("url", "example.ma") == "fbed498f49e25898")
        #expect(
            hex(SigningKey(master.derive("signing")).publicKey.encoded)
                == "fcc9264e5ea367bc3cd7c5c07bd9ad631a90d6df04331dfccd5444c13c7446d3"
        )
        #expect(
            NetworkPseudonym(masterKey: master).of(address: "192.0.2.1", day: "2026-11-25") == "e58e509d7f93e170"
        )
        let leaf = AuditHash.leaf(["a", "b"])
        #expect(leaf == "a86d33cb3271349c8b971e8d244f141c9195f11a7b8069d1bdbea9477fba2c30")
        #expect(
            AuditHash.chain(previous: "", leaf: leaf)
                == "03f0d322c1091533416a267b963f59f9747d528b252706d6ca558cd0f4df8772"
        )
        #expect(
            RecoveryCodes.hash("0123-4567-89AB-CDEF-GHJK-MNPQ")
                == "494e55ee0ec227cfcc13a0447e1491a926e92fd8ec4f6e484fff925fe8675b94"
        )
        let nonce = try self.stored("c+thynR9cV8oL1s6gEQkCridj1p0h/0BEDSzyHmFnQ0=")
        let commitment = "2a144ca0428f209876aaff9c21d7d585953c7f854a5112368dec57aed2908904"
        #expect(Commitment.verify(Data("content".utf8), nonce: nonce, value: commitment))
    }

    @Test func `sealed content opens`() throws {
        let token = try #require(SecretToken(String(repeating: "A", count: 43)))
        #expect(token.hash == "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925")
        let underToken = try self.stored("Af2kjEPI9fEegvq15ca8n9FQdDC+dvFg4BnCNvUhO5fSfbY/XE5Qtw==")
        #expect(try token.contentKey("visit").open(underToken, self.context) == Data("content".utf8))
        let sealed = try self.stored("AT5lYo3GhCPVqDU2PtFeEHREZ2G/rJYTgKdJH6aO1I3gs9GNOYQzIQ==")
        #expect(try self.key().open(sealed, self.context) == Data("content".utf8))
        let json = try self.stored("AYChP1irt3ZSk+dbH4QTkUdj/CtmgBLaezasKcvG26Xg37qluRllXw==")
        #expect(try self.key().openJSON([String: Int].self, json, self.context) == ["a": 1])
        var opener = BlobOpener(key: try self.key(), context: self.context)
        _ = try opener.update(self.stored(Self.blob))
        #expect(try opener.finish() == Data("content".utf8))
    }

    @Test(arguments: [
        (Self.boxX25519, Self.wrapX25519, Self.wrapBoxX25519),
        (Self.boxXWing, Self.wrapXWing, Self.wrapBoxXWing),
    ])
    func `boxes and wraps open`(box: String, wrap: String, wrapBox: String) throws {
        let sealed = try self.stored("AT5lYo3GhCPVqDU2PtFeEHREZ2G/rJYTgKdJH6aO1I3gs9GNOYQzIQ==")
        let box = try PrivateBox.open(self.stored(box), under: self.key(), self.context)
        let key = try box.unwrapKey(self.stored(wrap), self.context)
        #expect(try key.open(sealed, self.context) == Data("content".utf8))
        #expect(try box.unwrapBox(self.stored(wrapBox), self.context).publicBox == box.publicBox)
    }
}

extension `Stored formats` {
    fileprivate static let boxX25519 = """
        AX+VLF2eqd/rQ6JHEZ0mElm18bJnQmejcr3d4DRX88icRzpihsIWwTop8jWdvslDD8H3Uos9TXqVkNDPi4y6aRIw
        """

    fileprivate static let wrapX25519 = """
        AWx3LsdJckQnSVbPSF4EpfrJKupb/Yx+Vv9oUSX+hzs6RB3jLRb6FFafvEC+wqhN8XxBr4omean3tPgDgI1jvpdsel+X4dqd8SIn
        jX4DdLiL
        """

    fileprivate static let wrapBoxX25519 = """
        Aay8bJeoQ4u9f0pk3/xYFICu6NVcJlsUF2+Y4rZAh8Jb0F9uwM8s7DqMC661BuiMXPH0DZXp6arTtQ2QqIvsAvr5Bq+ZZrMbpQdI
        bpPa0JxdtQ==
        """

    fileprivate static let boxXWing = """
        AQ8gzh53Z8DjKnA4UyrNftsccG3eHTqxIwpP+fpCJxAww2gPTiua+TWoRuE/dVcWrr933waS/kWvlkPbRxhBwXFY
        """

    fileprivate static let wrapXWing = """
        AszhImUgsV8RG/ejfaLSvfH5w4aMg2Rfzpjp+VDwC3iCKqz5WsLWr7RwN5KY+7kjwmeHhTP+0odw3+FVaneFTpqR735BCGy0Qnye
        ukwf9d81XHJ2jtq4E6TcFwZ3SodcNYy2leYnE2+N11UAZMe7p0cp47ejTBxU6mi6/ItQ6Q885QsfkeENVdQ+juvNgu76YUZYlPK2
        dkXWzIfL0XaA5bjl9oQj2X8IbzxYgPHG0V7bdvz1Q4U2xStm+QkVc2VnXM5dJB5tRoKWucX4w+QRxMLMwhu2vw88cyZD348Ieu+G
        VQij2SyK38zF53NWrjtZ7CxP4duijbkq16EVmpXbD9VGchSBG+0gZOn3p//LYDcArAScafFKK2PjOlgbOldk7FwVtmJpbDqFrL5J
        7cth1kHUTDQysNMmUCv0qO+Mf7GIBZB4wA9sm3GKdUMsrZ4As2A1ijQJpb6NzcOOBU1CDojOsBz1PANuJPURZCsA0JUP3L/7vhwN
        Jn5t4YP6x7uq086MduHi8gCdxBtslx4vN+EUQ99bHqYRjurJmiQlDdVtbwHxaVKutTN0wPyH4Uo+hBd+SQqEAiVi/yDcxBmCi+G+
        puY8xVPBmhLM52k1n0LhvcsvHaPsKTFl2B7EejRKpyBNHBGBpMi+Lsi28YmgI1n/H9vV6tGSefSf09B4RPS9XVFvxAaSHBHtCUSB
        l0wQBKri2IGK69mtEl2VVxB2GCgpC62nCU3Zmq/AUOohu9vknBhtnJ1rAzjcPZTlMDw7jsJVK0p6Lyu937Kw2AsQZ9q8rP6wV02u
        BjRZ8fAT9aerkqUVoC6BH7w+XlOWvxCwqiAX2vAOE3GczDxlzwmjL68iRQ7JS0DfAV1jpIA3qaHsnqWHBMFQEqzsXVU/vVsPXlPO
        EB1J0avul9L8dYXo8lSP2qwvFz/Ve095kGeHcIHG/ugx2yx9YrQovz4VpIGtYe7yqVSIcWS0YQv5x2hEs/7FXHLjovLSl8mcHPWk
        4A9btJCRudL5GpG4wVnaN3PDgHaMwXDBKsPOetJprzk8KmJnXto/yhqsREZKxJqIgGUYuEI2g841T8jCVa3IY03sJwdXbTEztTFv
        tuZtgHpxbCG3MZYINaKzOrLer13YgpV8/+9ZGfH9U1nOFP9SBJnJoG2kTZkZqEV2X1cq5v6E9R6V5GuAEfA+QJufcFczciY7yznc
        gdRCR6Ua7sRGxX786P9/CIz33nHPU2Z6I0yVcy7DgodbyLgtQOpOdWB2lGUCac+G07Mcnd9d0CN89lDxutmIdVNDj14qz4lCo4/O
        drd9vsADN3NHNI4E/7umlXk7TSPI9zyAPa3RpKce991yZcgQ3mFVLGQsOeh1DJmJLOVZ+CBzp3M8qVEAudI0QDhHlwLEecSD3uHb
        4vRtaq8YGRjhBWoCf2k2javdjy6y0gpw69dyk34UI1caqyv+ahd4zsU4O3vK8VkaBMXr0rUWsbQdPiu4XUbrINp/iN3/Vw46u1C8
        ksH6YmnIVWxGAYKedeZtbseDGJCMhVQZCT68ar6StNTpm9GOrtyKnc7JZ8o=
        """

    fileprivate static let wrapBoxXWing = """
        ArwpkpnxUSa8tw39PF0CHzdrIRt89jSu391KY47e4Qs3J+TOv/ILghu8OVjbqJgtCs+IpRanbUQMaeRrcOMCG7C6WAsQJYfApKek
        BbKkGciezlKU41xPjpsCeG03clIpulM6RqoPkn5EYJ46f6nrXRNvvVYSKnnzxO2th/7oh595lyWu9VGRzTm1H/GS1PN5rcurK6fZ
        5rkY/bLxQ29Y+YXnIfsxm67MHXf/wLv+v8M6fjccQo8lJhmJro0h0pIHaAJT7lgvMOlIs4Qpd0dD65fZflPCDikXji0cf3HoXXu2
        C1P3BnPtPpDQOR+tOfMqcbiflt84kle/p/zH/YJEXKWYluXgw+yQVlvchiQM35vO6WdtISpNyqB4DGZOuOzf5eDeMVRYJkVIi0ir
        ihCG3R7lpcGlnK1NKGhRDo9Nkx7c0X3Matgzfir3+vY6s7lqeZ0SAjAlCaHviB7og9Awg+nFKoZjNY6dZmsmHHnR2cXYeJ9XmTt8
        33wHrqG9ZC14EsGIB+TerY7MoZ8ZZL/ww/i1vJGr3JmYO2hh02YmeOHns3a0qQVtR1fEAMuA14wI4MGIFeL37SSifbgDOPqsKF2/
        Hj7IxezbFCzQQYyi8VHXxUE0RHmotewAdAiI9tMo1oyEwEpfzaVbG4wok6tM4NQAKH7qTOtxYALJdHk6vOMXAa+q35kABtxv9XS6
        BoLNGW6tRuApAmDC3evN2KVhD67lVvrRZhFxf5mTyiWGN/AIh33/nu3gvcXnccrzC+LYm/YDJq6WA+6pEATzR9xdqA0kPqeBYIcj
        ScWj4qhWrGfEoqtihTc3qUkNDQ9bnWzILjWsiHRx2ihZlFLxDOxnp+r6yOQysvNh6A5dY4XxNUvNeXQrmfq788TNJn4I89ZDaK5V
        E9uefwOhRggbQhZdO7Pp9sm4ABcrwiBmK6WqFijOI9TONS7LuP12KccLQyD4RyxsvnPR/XTNacbZJvkXfTaG3jZxDBbqysUDsI1Y
        /9zBqmTIUOP7KLWIPizGvbLga0LgMh6M93u3sEXP/cRyqgEXTDrEsOsFEOGMNpSkVWUtHTT/AZew/6xuPyHigaHDzuM9yRUZAt8E
        +q9x9/WXeKXaWdm7QnxIWzGE+Hbm94KDhNtyt0K/D8ntkQNwO6TbAVP7Nm3sOzX8jXVTjLRVNCkir+7vk+TRuhInVlaFnLyK/2zW
        yIM2s1qSV9J5c25/Wil7VwPSHKSZoFrXFYaN/dlIb+0yDBssJaWWEM8zMibFHWZcsfEB6029fZN8cDdjLXBX806NtItbH5nuXEC8
        NHMQ4IFczQwGj5dYjSJ6lwuwRGAxkRjjB9zW73Qo+p1VNITaRKCGxWlOxpZaRro9zZMfCxTfeqpWXy2sLkTlFpZ23E23wdWFqYLO
        9zCl3PWClkEi97Q/OkifWxv+SwsyEVIg3ATXZK4jpA48EpjBKkKx2abvBGwMZGfkWPBWP628LgouAGtg9lSS1HvxvSwmID09lfv9
        fEtq6sw2ReLhmSve8XV/kQ9ADbM1jenYfxMRFfiLqQncSjGIb6h07T7qkVhD
        """

    fileprivate static let blob = """
        Q0NCMQEBuT+Dl9XFEvUe4UZSF5xfRBAxIgur7V9HgHq8vTss5DlBB13LMS9PFXRgu9L+IO0rqArbvbGZHSyavcFGP3Q/qVs6Xa9B
        3oyEfIxKslfIrJBnEpa5WG+gGUFLplysq5jwgiglFunWsMq8s3R/J9bT33VGIrbkBZW7GiGpRLnwtLDVGMwSU6Jl1YfmEzCdzvhw
        OvDC+KzaB7OtTm7y1c6G1UVYdlfe2DtxPIiKUFWxj5Ka/FcxrTABNQ3Q9RiGBgF38gh1nMhoJtnrA3mZwM+/yIIqWzl72xs1BgsC
        Ofo3L5KnZ95H/LMEFRxKOCz0llGwnziDP4TZm8nRu8QZyQF/4Surd93aJqjGBBOVBX+df1lreZyR7bAnZ9qu2nCD9wZNWDBltQ==
        """
}
