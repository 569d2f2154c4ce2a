import Crypto
import FoundationEssentials

/// Codes on paper that stand in for a lost authenticator, once each: 120 random bits, 24 characters without I, L, O and U
/// in six groups. With so many bits a plain hash is safe to keep.
package enum RecoveryCodes: Sendable {
    package static func make(count: Int = 10) -> [String] {
        (0..<count).map { _ in Base32.grouped(Base32.encode(.random(15), Base32.handwritten)) }
    }

    /// 64 hexadecimal digits, what the database keeps.
    /// - Returns: `nil` if what was typed cannot be such a code.
    package static func hash(_ typed: String) -> String? {
        guard let bytes = Base32.decodeTyped(typed, count: 15) else { return nil }
        var message = Framed("recovery-code")
        message.add(bytes)
        return Digest.sha256Hex(message.bytes)
    }
}

/// The key on paper with which a member of staff opens their own box after a forgotten password: 256 random bits and a
/// checksum of 24 bits, 56 characters in fourteen groups.
package struct RecoveryKey: Secret, Equatable {
    private let bytes: Data

    package static func random() -> RecoveryKey { RecoveryKey(.random(32)) }

    private init(_ bytes: Data) { self.bytes = bytes }

    /// - Returns: `nil` if the length is wrong or the checksum finds a mistake.
    package init?(typed: String) {
        guard let all = Base32.decodeTyped(typed, count: 35) else { return nil }
        let bytes = Data(all.prefix(32))
        guard Data(all.suffix(3)) == Self.checksum(bytes) else { return nil }
        self.bytes = bytes
    }

    /// Shown once.
    package var text: String {
        Base32.grouped(Base32.encode(self.bytes + Self.checksum(self.bytes), Base32.handwritten))
    }

    /// Seals the person's box.
    package var contentKey: ContentKey { DerivedKey(SymmetricKey(data: self.bytes)).derive("recovery-key").contentKey }

    private static func checksum(_ bytes: Data) -> Data {
        var message = Framed("recovery-key-checksum")
        message.add(bytes)
        return Data(Digest.sha256(message.bytes).prefix(3))
    }
}
