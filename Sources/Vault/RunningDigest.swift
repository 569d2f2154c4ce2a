import FoundationEssentials

/// SHA-256 of what comes in pieces.
package struct RunningDigest: Sendable {
    private var hash = RunningHash()

    package init() {}

    package mutating func add(_ data: Data) { self.hash.add(data) }

    /// Of everything so far, 64 hexadecimal digits.
    package var hex: String { self.hash.hex }
}
