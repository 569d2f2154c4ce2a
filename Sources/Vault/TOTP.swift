import Crypto
import FoundationEssentials

/// One-time passwords of authenticator apps: RFC 6238 with SHA-1, 6 digits and steps of 30 seconds, which is what all of
/// them do.
package enum TOTP: Sendable {
    /// Seconds.
    package static let step = 30

    /// 20 random bytes. Kept sealed under the server's key, since the server has to check.
    package static func newSecret() -> Data { .random(20) }

    /// Six digits (RFC 4226 section 5.3). The counter is the number of whole steps since 1970.
    package static func code(secret: Data, counter: UInt64) -> String {
        var message = Data()
        message.append(bigEndian: counter)
        let hash = Data(HMAC<Insecure.SHA1>.authenticationCode(for: message, using: SymmetricKey(data: secret)))
        let offset = Int(hash[19] & 15)
        let number = Data(hash[offset..<offset + 4]).number(UInt32.self) & 0x7fff_ffff
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Checks what somebody typed, in any digits and with any blanks, one step early or late. The code of `lastCounter`
    /// and older ones are refused, so that nobody uses a code twice: keep the result in the same transaction.
    /// - Returns: the counter of the code, `nil` if it is not valid now.
    package static func matchingCounter(
        _ typed: String,
        secret: Data,
        now: Date,
        after lastCounter: UInt64?
    ) -> UInt64? {
        var digits = ""
        for scalar in typed.unicodeScalars where !scalar.isSeparatorInCodes {
            guard let digit = scalar.codeDigit, digits.utf8.count < 6 else { return nil }
            digits += String(digit)
        }
        let current = UInt64(max(1, now.timeIntervalSince1970 / Double(Self.step)))
        var match: UInt64?
        // All three are always computed and compared in full: how long it takes tells nothing.
        for counter in [current - 1, current + 1, current]
        where Digest.constantTimeEqual(Self.code(secret: secret, counter: counter), digits) {
            match = counter
        }
        guard let match, match > lastCounter ?? 0 else { return nil }
        return match
    }

    /// What the QR code of the enrolment says (the `otpauth` format that authenticator apps read).
    package static func uri(secret: Data, account: String, issuer: String) -> String {
        let (account, issuer) = (Self.escaped(account), Self.escaped(issuer))
        return "otpauth://totp/\(issuer):\(account)?secret=\(Self.base32(secret))&issuer=\(issuer)"
            + "&algorithm=SHA1&digits=6&period=\(Self.step)"
    }

    /// RFC 4648 section 6 without padding, for typing the secret where no camera is at hand.
    package static func base32(_ data: Data) -> String { Base32.encode(data) }

    /// Percent-encodes all but the unreserved characters of RFC 3986.
    private static func escaped(_ text: String) -> String {
        let unreserved = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)
        return text.utf8.map { byte in
            unreserved.contains(byte) ? String(UnicodeScalar(byte)) : "%" + Data([byte]).hex.uppercased()
        }.joined()
    }
}
