import FoundationEssentials

/// What is sealed, where it lies and for whom: "entry", report, row. It is not stored with what is sealed but
/// authenticated with it, each part behind its length, so that a cell which was moved to another row, report or
/// recipient does not open.
package struct SealContext: Sendable, Hashable {
    private let kind: String
    private let parts: [String]

    package init(_ kind: String, _ parts: String...) {
        self.kind = kind
        self.parts = parts
    }

    /// `operation` says which of Vault's formats this is for, so that a sealed field is never taken for a wrap; `suite`
    /// is the suite or version byte that stands in front of what is sealed.
    func bytes(_ operation: String, suite: UInt8) -> Data {
        var framed = Framed(operation)
        framed.add(CollectionOfOne(suite))
        framed.add(self.kind)
        for part in self.parts { framed.add(part) }
        return framed.bytes
    }
}
