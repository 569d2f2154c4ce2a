import Crypto
import FoundationEssentials

/// Ed25519 (RFC 8032): signs receipts and the heads of the audit log.
package struct SigningKey: Secret {
    private let key: Curve25519.Signing.PrivateKey

    /// The derived key is the seed: the same master key signs alike for ever.
    package init(_ key: DerivedKey) {
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: key.secret.data) else {
            preconditionFailure("every seed of 32 bytes makes a key")
        }
        self.key = key
    }

    /// - Throws: `malformed` unless there are exactly 32 bytes.
    package init(seed: some ContiguousBytes) throws(VaultError) {
        let seed = SymmetricKey(data: seed)
        guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed.data) else { throw .malformed }
        self.key = key
    }

    package var publicKey: VerifyingKey { VerifyingKey(self.key.publicKey) }

    /// 64 bytes.
    package func sign(_ data: Data) -> Data {
        guard let signature = try? self.key.signature(for: data) else { preconditionFailure("Ed25519 does not fail") }
        return signature
    }
}

/// The published half of a signing key.
package struct VerifyingKey: Sendable, Equatable {
    private let key: Curve25519.Signing.PublicKey

    fileprivate init(_ key: Curve25519.Signing.PublicKey) { self.key = key }

    /// - Throws: `malformed` unless there are 32 bytes.
    package init(encoded: Data) throws(VaultError) {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: encoded) else { throw .malformed }
        self.key = key
    }

    /// 32 bytes.
    package var encoded: Data { self.key.rawRepresentation }

    package func isValid(signature: Data, for data: Data) -> Bool { self.key.isValidSignature(signature, for: data) }

    package static func == (left: VerifyingKey, right: VerifyingKey) -> Bool { left.encoded == right.encoded }
}
