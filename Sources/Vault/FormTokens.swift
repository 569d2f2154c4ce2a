import Crypto
import FoundationEssentials

/// Signed form tokens: proof that this installation showed this form to this person lately. Base64url of
/// `issue time in seconds (8) ‖ random (16) ‖ HMAC-SHA256 over purpose, subject, time and random (32)`, 75 characters. The
/// random part makes every form shown distinct, which lets intake answer the same form once.
package struct FormTokens: Sendable {
    /// Seconds that another server's clock may be ahead of ours.
    private static let tolerance: TimeInterval = 300

    private let key: DerivedKey

    package init(key: DerivedKey) { self.key = key.derive("form-token") }

    /// `purpose` says which form: a token for one is refused by another. `subject` says to whom it was shown, for
    /// instance the hash of the session; empty for public forms.
    package func issue(_ purpose: String, subject: String = "", now: Date) -> String {
        var body = Data()
        body.append(bigEndian: UInt64(max(0, now.timeIntervalSince1970)))
        body.append(.random(16))
        return (body + self.key.authenticate(Self.message(purpose, subject, body))).base64URL
    }

    /// Whether the token was issued for this purpose and subject within the last `lifetime` seconds.
    package func check(
        _ token: String,
        _ purpose: String,
        subject: String = "",
        now: Date,
        lifetime: TimeInterval = 24 * 60 * 60
    ) -> Bool {
        guard let (body, signature) = Self.parts(token),
            HMAC<SHA256>.isValidAuthenticationCode(
                signature,
                authenticating: Self.message(purpose, subject, body),
                using: self.key.secret
            )
        else { return false }
        let age = now.timeIntervalSince1970 - TimeInterval(body.prefix(8).number(UInt64.self))
        return age >= -Self.tolerance && age < lifetime
    }

    /// The time of issue that the token states. Says nothing about its being genuine: `check` first.
    package func issuedAt(_ token: String) -> Date? {
        Self.parts(token).map { Date(timeIntervalSince1970: TimeInterval($0.body.prefix(8).number(UInt64.self))) }
    }

    private static func parts(_ token: String) -> (body: Data, signature: Data)? {
        guard token.utf8.count == 75, let bytes = Data(base64URL: token), bytes.count == 56 else { return nil }
        return (Data(bytes.prefix(24)), Data(bytes.suffix(32)))
    }

    private static func message(_ purpose: String, _ subject: String, _ body: Data) -> Data {
        var message = Framed("form-token")
        message.add(purpose)
        message.add(subject)
        message.add(body)
        return message.bytes
    }
}
