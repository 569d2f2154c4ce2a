/// A key of whatever name, to look at what a file really holds.
private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A key that nobody reads is a typing error: without this, `deadlin: 1h` would be silently ignored.
    package func refuseKeys<Key: CodingKey & CaseIterable>(otherThan _: Key.Type) throws {
        let known = Set(Key.allCases.map(\.stringValue))
        let container = try self.container(keyedBy: AnyKey.self)
        if let unknown = container.allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: self.codingPath + [unknown],
                    debugDescription: "is not a key here; known are \(known.sorted().joined(separator: ", "))"
                )
            )
        }
    }
}
