import Crypto
import FoundationEssentials

/// A value that must never reach a log, a crash report or a page: printing it, dumping it or interpolating it gives the
/// name of its type and nothing else.
package protocol Secret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Secret {
    package var description: String { "\(Self.self)" }
    package var debugDescription: String { "\(Self.self)" }
    /// Without it `dump` and a failed expectation of a test would walk into the bytes.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why Vault refuses. Carries no content and no key, so it may be logged.
package enum VaultError: Error, Equatable, Sendable {
    /// Too short, too long, or not in the format that Vault writes.
    case malformed
    /// Well formed, but not made with this key for this context, or altered since. Which of the three cannot be told.
    case wrongKey
    /// The suite or version byte is one that this program does not know.
    case unsupportedSuite(UInt8)
    /// The file of the master key; the sentence is for the operator and names the path, never the content.
    case keyFile(String)
    /// Genuine, but past its lifetime.
    case expired
    /// More bytes than the format has room for; the number is the most it takes.
    case tooLong(limit: Int)
    /// The Argon2 library refused: its own error code (`argon2_error_codes`), for instance -22 for lack of memory.
    case derivation(Int32)
}

/// More work than there is room to queue. Nothing was done; asking again later is safe.
package struct Overloaded: Error, Sendable, Equatable {
    /// Seconds after which the queue, if nobody joins it, is empty. At least 1.
    package let retryAfter: Int

    package init(retryAfter: Int) { self.retryAfter = retryAfter }
}

extension SymmetricKey {
    var data: Data { self.withUnsafeBytes { Data($0) } }
}

extension Data {
    /// From the operating system's generator (`getrandom` on Linux).
    static func random(_ count: Int) -> Data { SymmetricKey(size: SymmetricKeySize(bitCount: count * 8)).data }
}
