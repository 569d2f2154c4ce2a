import FoundationEssentials

/// Finds equal values without reading them: a keyed hash, cut to 8 bytes. What it gives away, and must be documented:
/// that two rows name the same thing; and whoever holds the key can test a guess.
package struct BlindIndex: Sendable {
    /// Kept beside every token, so that rows of an older key can be found and renewed.
    package let version: Int
    private let key: DerivedKey

    package init(key: DerivedKey, version: Int) {
        self.key = key.derive("blind-index/\(version)")
        self.version = version
    }

    /// 16 hexadecimal digits: the first 8 bytes of HMAC-SHA256 over kind and value. Two spellings of the same thing must
    /// have become the same text before.
    package func token(_ kind: String, _ normalised: String) -> String {
        var message = Framed("blind-index")
        message.add(kind)
        message.add(normalised)
        return self.key.authenticate(message.bytes).prefix(8).hex
    }
}
