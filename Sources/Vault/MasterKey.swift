import Crypto
import FoundationEssentials

/// The one secret that an installation is started with. It lies in a file outside database and backups; everything the
/// server itself must be able to open or check hangs on it. Without it no receipt and no password works any more.
package struct MasterKey: Secret {
    /// Bytes of the key and of its file.
    package static let byteCount = 32

    private let secret: SymmetricKey

    /// - Throws: `malformed` unless there are exactly 32 bytes.
    package init(bytes: some ContiguousBytes) throws(VaultError) {
        let secret = SymmetricKey(data: bytes)
        guard secret.bitCount == Self.byteCount * 8 else { throw .malformed }
        self.secret = secret
    }

    private init(_ secret: SymmetricKey) { self.secret = secret }

    /// For tests and the demonstration: nothing sealed under it can be opened after the process ends.
    package static func random() -> MasterKey { MasterKey(SymmetricKey(size: .bits256)) }

    /// A key for one purpose: HKDF-SHA256 (RFC 5869) with an empty salt and `cyberconfiance/v1/` + label as info.
    /// Labels are for ever: changing one is losing what was made with it.
    package func derive(_ label: String) -> DerivedKey {
        DerivedKey(
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: self.secret,
                info: Data("cyberconfiance/v1/\(label)".utf8),
                outputByteCount: 32
            )
        )
    }

    /// Hands out the raw key to the file that keeps it, and to nothing else.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try self.secret.withUnsafeBytes(body)
    }
}

/// A key of 32 bytes for one purpose, made from the master key by its label.
package struct DerivedKey: Secret, Equatable {
    let secret: SymmetricKey

    init(_ secret: SymmetricKey) { self.secret = secret }

    /// A further key below this one: HKDF-SHA256 with `cyberconfiance/v1/` + label as info.
    package func derive(_ label: String) -> DerivedKey {
        DerivedKey(
            HKDF<SHA256>.deriveKey(
                inputKeyMaterial: self.secret,
                info: Data("cyberconfiance/v1/\(label)".utf8),
                outputByteCount: 32
            )
        )
    }

    /// For content that the server itself must be able to open, such as the secrets of one-time passwords.
    package var contentKey: ContentKey { ContentKey(self.secret) }

    /// HMAC-SHA256 (RFC 2104), 32 bytes.
    func authenticate(_ message: Data) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: message, using: self.secret))
    }
}
