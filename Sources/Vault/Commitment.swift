import FoundationEssentials

/// A hash of content that can be shown without telling anything about it, and later opened with nonce and content:
/// SHA-256 over a label, a random nonce of 32 bytes and the content.
package enum Commitment {
    /// - Returns: the nonce (keep it with the content) and 64 hexadecimal digits that may be public.
    package static func make(_ content: Data) -> (nonce: Data, value: String) {
        let nonce = Data.random(32)
        return (nonce, self.value(content, nonce))
    }

    package static func verify(_ content: Data, nonce: Data, value: String) -> Bool {
        nonce.count == 32 && Digest.constantTimeEqual(self.value(content, nonce), value)
    }

    private static func value(_ content: Data, _ nonce: Data) -> String {
        var message = Framed("commitment")
        message.add(nonce)
        message.add(content)
        return Digest.sha256Hex(message.bytes)
    }
}
