import Crypto
import FoundationEssentials

/// Hashes and comparisons that need no key.
package enum Digest {
    /// 32 bytes.
    package static func sha256(_ data: Data) -> Data { Data(SHA256.hash(data: data)) }

    /// 64 lower-case hexadecimal digits.
    package static func sha256Hex(_ data: Data) -> String { self.sha256(data).hex }

    /// Takes a time that depends on the lengths only, never on where the first difference is.
    package static func constantTimeEqual(_ left: Data, _ right: Data) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    package static func constantTimeEqual(_ left: String, _ right: String) -> Bool {
        self.constantTimeEqual(Data(left.utf8), Data(right.utf8))
    }
}
