import Crypto
import FoundationEssentials

/// A proof of work that a browser finds in about a second and the server checks in a microsecond; asked for only while
/// the service is under load. SHA-256 over the UTF-8 text `challenge:nonce` must begin with so many zero bits.
package enum HashCash {
    /// Zero bits at the front, 0…256.
    package static func bits(challenge: String, nonce: String) -> Int {
        var count = 0
        for byte in SHA256.hash(data: Data("\(challenge):\(nonce)".utf8)) {
            count += byte.leadingZeroBitCount
            if byte != 0 { break }
        }
        return count
    }

    /// Nonces over 64 bytes are refused, so that the check stays cheap.
    package static func verify(challenge: String, nonce: String, bits: Int) -> Bool {
        nonce.utf8.count <= 64 && self.bits(challenge: challenge, nonce: nonce) >= bits
    }

    /// Finds a nonce by trying 0, 1, 2, …: 2^bits tries on average. For tests and for clients without a browser.
    package static func solve(challenge: String, bits: Int) -> String {
        var number = 0
        while self.bits(challenge: challenge, nonce: String(number)) < bits { number += 1 }
        return String(number)
    }
}
