import Crypto
import FoundationEssentials

/// Which HPKE suite (RFC 9180, base mode) a box uses; its number is the first byte of everything the box makes.
package enum BoxSuite: UInt8, Sendable, CaseIterable {
    /// X25519, HKDF-SHA256, ChaCha20-Poly1305: for tests and as the way back.
    case x25519 = 1
    /// X-Wing (ML-KEM-768 with X25519, draft-connolly-cfrg-xwing-kem), HKDF-SHA256, AES-256-GCM: what is recorded today
    /// stays closed to the computers of tomorrow.
    case xwing = 2

    var hpke: HPKE.Ciphersuite {
        switch self {
        case .x25519: .Curve25519_SHA256_ChachaPoly
        case .xwing: .XWingMLKEM768X25519_SHA256_AES_GCM_256
        }
    }

    /// Bytes of what the sender encapsulates in front of the ciphertext.
    var encapsulatedCount: Int {
        switch self {
        case .x25519: 32
        case .xwing: 1120
        }
    }

    /// What HPKE calls info.
    func info(_ operation: String, _ context: SealContext) -> Data { context.bytes(operation, suite: self.rawValue) }

    init(byte: UInt8) throws(VaultError) {
        guard let suite = BoxSuite(rawValue: byte) else { throw .unsupportedSuite(byte) }
        self = suite
    }
}

/// Where anybody can put a key that only the holder of the private box takes out again.
package struct PublicBox: Sendable, Equatable {
    private enum Key: Sendable {
        case x25519(Curve25519.KeyAgreement.PublicKey)
        case xwing(XWingMLKEM768X25519.PublicKey)
    }

    package let suite: BoxSuite
    /// Suite byte and public key: 33 bytes for X25519, 1,217 for X-Wing.
    package let encoded: Data
    private let key: Key

    /// - Throws: `unsupportedSuite`, or `malformed` for a key that is none or that everybody can open.
    package init(encoded: Data) throws(VaultError) {
        var reader = ByteReader(encoded)
        self.suite = try BoxSuite(byte: try reader.byte())
        switch self.suite {
        case .x25519:
            guard let key = try? Curve25519.KeyAgreement.PublicKey(rawRepresentation: reader.rest),
                !Self.hasSmallOrder(key)
            else { throw .malformed }
            self.key = .x25519(key)
        case .xwing:
            guard let key = try? XWingMLKEM768X25519.PublicKey(rawRepresentation: reader.rest) else {
                throw .malformed
            }
            self.key = .xwing(key)
        }
        self.encoded = Data(encoded)
    }

    init(_ key: Curve25519.KeyAgreement.PublicKey) {
        self.suite = .x25519
        self.key = .x25519(key)
        self.encoded = CollectionOfOne(BoxSuite.x25519.rawValue) + key.rawRepresentation
    }

    init(_ key: XWingMLKEM768X25519.PublicKey) {
        self.suite = .xwing
        self.key = .xwing(key)
        self.encoded = CollectionOfOne(BoxSuite.xwing.rawValue) + key.rawRepresentation
    }

    /// RFC 9180 section 7.1.4 wants such points refused, which swift-crypto 4.5.2 leaves out: whatever private key they
    /// meet, the shared secret is zero. X-Wing needs no check, its other half is not touched by it.
    private static func hasSmallOrder(_ key: Curve25519.KeyAgreement.PublicKey) -> Bool {
        let secret = try? Curve25519.KeyAgreement.PrivateKey().sharedSecretFromKeyAgreement(with: key)
        return secret?.withUnsafeBytes { $0.allSatisfy { $0 == 0 } } ?? true
    }

    package static func == (left: PublicBox, right: PublicBox) -> Bool { left.encoded == right.encoded }

    /// `suite (1) ‖ encapsulated key ‖ ciphertext`: 81 bytes for X25519, 1,169 for X-Wing.
    /// - Throws: `malformed` if the library refuses the public key.
    package func wrap(_ key: ContentKey, _ context: SealContext) throws(VaultError) -> Data {
        try self.wrap(key.secret.data, "wrap-key", context)
    }

    /// Hands over a private box itself: 82 or 1,170 bytes.
    /// - Throws: as `wrap` of a content key.
    package func wrap(_ box: PrivateBox, _ context: SealContext) throws(VaultError) -> Data {
        try self.wrap(box.encoded, "wrap-box", context)
    }

    private func wrap(_ secret: Data, _ operation: String, _ context: SealContext) throws(VaultError) -> Data {
        let info = self.suite.info(operation, context)
        do {
            var sender =
                switch self.key {
                case .x25519(let key): try HPKE.Sender(recipientKey: key, ciphersuite: self.suite.hpke, info: info)
                case .xwing(let key): try HPKE.Sender(recipientKey: key, ciphersuite: self.suite.hpke, info: info)
                }
            return try CollectionOfOne(self.suite.rawValue) + sender.encapsulatedKey + sender.seal(secret)
        } catch {
            throw .malformed
        }
    }
}
