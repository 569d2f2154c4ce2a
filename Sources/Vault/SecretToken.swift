import Crypto
import FoundationEssentials

/// A token of 256 bits in a cookie or a link: a session, an invitation, a password reset. The database keeps its hash
/// only, which is safe without stretching because nobody can guess 256 bits.
package struct SecretToken: Secret, Equatable {
    private let secret: SymmetricKey

    package static func random() -> SecretToken { SecretToken(SymmetricKey(size: .bits256)) }

    private init(_ secret: SymmetricKey) { self.secret = secret }

    /// 43 characters of base64url as `text` wrote them; `nil` for anything else.
    package init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = Data(base64URL: text), bytes.count == 32 else { return nil }
        self.secret = SymmetricKey(data: bytes)
    }

    package var text: String { self.secret.data.base64URL }

    /// 64 hexadecimal digits: SHA-256, what the database keeps.
    package var hash: String { Digest.sha256Hex(self.secret.data) }

    /// Seals what only the bearer of the token may open: HKDF-SHA256 of the token, so the row without the cookie does
    /// not help.
    package func contentKey(_ label: String) -> ContentKey {
        DerivedKey(self.secret).derive("token/\(label)").contentKey
    }
}
