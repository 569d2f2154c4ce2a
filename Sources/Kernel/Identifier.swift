import FoundationEssentials

/// A UUID that knows what it identifies, so a `Case.ID` can never be passed for a `Report.ID`.
package struct Identifier<Entity>: RawRepresentable, Hashable, Codable, Sendable, LosslessStringConvertible {
    package let rawValue: UUID

    package init(rawValue: UUID) { self.rawValue = rawValue }

    package init?(_ description: String) {
        guard let uuid = UUID(uuidString: description) else { return nil }
        self.rawValue = uuid
    }

    package init(from decoder: any Decoder) throws { self.rawValue = try UUID(from: decoder) }
    package func encode(to encoder: any Encoder) throws { try self.rawValue.encode(to: encoder) }

    package var description: String { self.rawValue.uuidString.lowercased() }

    /// For whatever a reporter causes: a version 4 UUID tells nothing about when.
    package static func random() -> Self { Self(rawValue: UUID()) }

    /// For rows that staff make: a version 7 UUID (RFC 9562) sorts by the millisecond it was made in.
    package static func ordered(at now: Date) -> Self {
        let milliseconds = UInt64(max(0, now.timeIntervalSince1970 * 1000))
        var bytes = UUID().uuid
        withUnsafeMutableBytes(of: &bytes) { raw in
            for index in 0..<6 { raw[index] = UInt8(truncatingIfNeeded: milliseconds >> (8 * (5 - index))) }
            raw[6] = raw[6] & 0x0f | 0x70
        }
        return Self(rawValue: UUID(uuid: bytes))
    }
}
