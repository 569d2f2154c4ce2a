import Crypto
import FoundationEssentials

/// State that travels in a URL and that nobody on the way can read or change: base64url of
/// `version (1) ‖ salt (16, random) ‖ AES-256-GCM of (end of validity (8) ‖ payload) ‖ tag (16)`. Each token has a key of
/// its own, HKDF-SHA256 of key and salt, so that the number of tokens is not limited by the size of a nonce.
package struct SealedToken: Sendable {
    private static let version: UInt8 = 1
    /// Characters of the longest token.
    package static let longestText = 512
    /// Bytes of the largest payload.
    package static let largestPayload = longestText * 3 / 4 - 1 - 16 - 8 - 16

    private let key: DerivedKey
    private let lifetime: TimeInterval

    /// `lifetime` is in seconds.
    package init(key: DerivedKey, lifetime: TimeInterval) {
        self.key = key.derive("sealed-token")
        self.lifetime = lifetime
    }

    /// - Throws: `tooLong` for more than `largestPayload` bytes.
    package func seal(_ payload: Data, now: Date) throws(VaultError) -> String {
        guard payload.count <= Self.largestPayload else { throw .tooLong(limit: Self.largestPayload) }
        var content = Data()
        content.append(bigEndian: UInt64(max(0, (now.timeIntervalSince1970 + self.lifetime).rounded(.up))))
        content.append(payload)
        let salt = Data.random(16)
        guard
            let box = try? AES.GCM.seal(
                content,
                using: self.key(salt),
                nonce: Self.nonce,
                authenticating: [Self.version]
            )
        else { preconditionFailure("AES-GCM refused a 256-bit key") }
        return (CollectionOfOne(Self.version) + salt + box.ciphertext + box.tag).base64URL
    }

    /// - Throws: `malformed`, `unsupportedSuite`, `wrongKey` for another key or any altered bit, `expired`.
    package func open(_ token: String, now: Date) throws(VaultError) -> Data {
        guard token.utf8.count <= Self.longestText, let bytes = Data(base64URL: token) else { throw .malformed }
        var reader = ByteReader(bytes)
        let version = try reader.byte()
        guard version == Self.version else { throw .unsupportedSuite(version) }
        let salt = try reader.take(16)
        guard let box = try? AES.GCM.SealedBox(combined: Data(Self.nonce) + reader.rest) else { throw .malformed }
        guard let content = try? AES.GCM.open(box, using: self.key(salt), authenticating: [version])
        else { throw .wrongKey }
        var inside = ByteReader(content)
        let end = try inside.take(8).number(UInt64.self)
        guard now.timeIntervalSince1970 < TimeInterval(end) else { throw .expired }
        return inside.rest
    }

    private func key(_ salt: Data) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(inputKeyMaterial: self.key.secret, salt: salt, outputByteCount: 32)
    }

    /// All zeros: every key is used for one token only.
    private static var nonce: AES.GCM.Nonce {
        guard let nonce = try? AES.GCM.Nonce(data: Data(count: 12)) else { preconditionFailure("12 bytes are a nonce") }
        return nonce
    }
}
