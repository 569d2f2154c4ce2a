import Crypto
import FoundationEssentials

/// The private half of a box: of a report, a reporter, a unit of the desk, a member of staff.
package struct PrivateBox: Secret {
    private enum Key: Sendable {
        case x25519(Curve25519.KeyAgreement.PrivateKey)
        case xwing(XWingMLKEM768X25519.PrivateKey)
    }

    package let publicBox: PublicBox
    private let key: Key

    /// Suite byte and 32 bytes of seed.
    var encoded: Data {
        switch self.key {
        case .x25519(let key): CollectionOfOne(BoxSuite.x25519.rawValue) + key.rawRepresentation
        case .xwing(let key): CollectionOfOne(BoxSuite.xwing.rawValue) + key.seedRepresentation
        }
    }

    package var suite: BoxSuite { self.publicBox.suite }

    /// - Throws: `malformed` or `unsupportedSuite`.
    init(encoded: Data) throws(VaultError) {
        var reader = ByteReader(encoded)
        let suite = try BoxSuite(byte: try reader.byte())
        guard reader.rest.count == 32 else { throw .malformed }
        switch suite {
        case .x25519:
            guard let key = try? Curve25519.KeyAgreement.PrivateKey(rawRepresentation: reader.rest) else {
                throw .malformed
            }
            self.key = .x25519(key)
            self.publicBox = PublicBox(key.publicKey)
        case .xwing:
            guard let key = try? XWingMLKEM768X25519.PrivateKey(seedRepresentation: reader.rest, publicKey: nil) else {
                throw .malformed
            }
            self.key = .xwing(key)
            self.publicBox = PublicBox(key.publicKey)
        }
    }

    package static func generate(_ suite: BoxSuite = .xwing) -> PrivateBox {
        guard let box = try? PrivateBox(encoded: CollectionOfOne(suite.rawValue) + .random(32)) else {
            preconditionFailure("every seed of 32 bytes makes a key")
        }
        return box
    }

    /// - Throws: `malformed`, `unsupportedSuite` if it was wrapped for a box of another suite, or `wrongKey` for another
    ///   box, another context or altered bytes.
    package func unwrapKey(_ wrap: Data, _ context: SealContext) throws(VaultError) -> ContentKey {
        try ContentKey(bytes: self.unwrap(wrap, "wrap-key", context))
    }

    /// - Throws: as `unwrapKey`.
    package func unwrapBox(_ wrap: Data, _ context: SealContext) throws(VaultError) -> PrivateBox {
        try PrivateBox(encoded: self.unwrap(wrap, "wrap-box", context))
    }

    /// For keeping the box at rest under a key that somebody derives from what they know.
    package func sealed(under key: ContentKey, _ context: SealContext) -> Data {
        key.seal(self.encoded, context, padTo: 1, as: "seal-box")
    }

    /// - Throws: as `ContentKey.open`.
    package static func open(
        _ sealed: Data,
        under key: ContentKey,
        _ context: SealContext
    ) throws(VaultError) -> PrivateBox {
        try PrivateBox(encoded: key.open(sealed, context, as: "seal-box"))
    }

    private func unwrap(_ wrap: Data, _ operation: String, _ context: SealContext) throws(VaultError) -> Data {
        var reader = ByteReader(wrap)
        let suite = try BoxSuite(byte: try reader.byte())
        guard suite == self.suite else { throw .unsupportedSuite(suite.rawValue) }
        let encapsulated = try reader.take(suite.encapsulatedCount)
        let info = suite.info(operation, context)
        do {
            var recipient =
                switch self.key {
                case .x25519(let key):
                    try HPKE.Recipient(
                        privateKey: key,
                        ciphersuite: suite.hpke,
                        info: info,
                        encapsulatedKey: encapsulated
                    )
                case .xwing(let key):
                    try HPKE.Recipient(
                        privateKey: key,
                        ciphersuite: suite.hpke,
                        info: info,
                        encapsulatedKey: encapsulated
                    )
                }
            return try recipient.open(reader.rest)
        } catch {
            throw .wrongKey
        }
    }
}
