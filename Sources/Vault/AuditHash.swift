import FoundationEssentials

/// The arithmetic of the audit log: leaves and tree of RFC 9162 section 2.1 (SHA-256, 0x00 before leaves, 0x01 before
/// nodes) and a chain from row to row. All hashes are 64 hexadecimal digits.
package enum AuditHash {
    /// SHA-256 of 0x00 and all fields, each behind its length in four bytes.
    package static func leaf(_ fields: [String]) -> String {
        var message = Data([0])
        for field in fields {
            message.append(bigEndian: UInt32(field.utf8.count))
            message.append(contentsOf: field.utf8)
        }
        return Digest.sha256Hex(message)
    }

    /// What the row after `previous` keeps: a change, removal or swap of any earlier row changes it.
    /// - Parameter previous: empty for the first row.
    package static func chain(previous: String, leaf: String) -> String {
        var message = Framed("audit-chain")
        message.add(previous)
        message.add(leaf)
        return Digest.sha256Hex(message.bytes)
    }

    /// The head of the tree over all leaves; of no leaves, the hash of nothing.
    package static func root(_ leaves: [String]) -> String {
        leaves.isEmpty ? Digest.sha256Hex(Data()) : self.root(leaves.map(self.bytes)[...]).hex
    }

    /// The hashes that prove, together with the root, that the leaf at `index` is among the leaves (RFC 9162 2.1.3):
    /// what goes with an exported case. `nil` if there is no such leaf.
    package static func inclusionProof(_ index: Int, _ leaves: [String]) -> [String]? {
        guard leaves.indices.contains(index) else { return nil }
        var proof: [Data] = []
        var range = leaves.map(self.bytes)[...]
        while range.count > 1 {
            let middle = range.startIndex + self.split(range.count)
            let left = range[..<middle]
            let right = range[middle...]
            proof.append(self.root(index < middle ? right : left))
            range = index < middle ? left : right
        }
        return proof.reversed().map(\.hex)
    }

    /// Checks an inclusion proof against the root of a tree of `size` leaves (RFC 9162 2.1.3.2).
    package static func verify(_ leaf: String, at index: Int, size: Int, proof: [String], root: String) -> Bool {
        guard index >= 0, index < size else { return false }
        var (node, last) = (index, size - 1)
        var hash = self.bytes(leaf)
        for step in proof {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                hash = self.node(self.bytes(step), hash)
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = self.node(hash, self.bytes(step))
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 && hash.hex == root
    }

    private static func root(_ leaves: ArraySlice<Data>) -> Data {
        if leaves.count == 1 { return leaves[leaves.startIndex] }
        let middle = leaves.startIndex + self.split(leaves.count)
        return self.node(self.root(leaves[..<middle]), self.root(leaves[middle...]))
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    private static func node(_ left: Data, _ right: Data) -> Data { Digest.sha256(Data([1]) + left + right) }

    /// Somebody may have written anything into the row that is being verified; it must not match, but not crash either.
    private static func bytes(_ hash: String) -> Data { Data(hex: hash) ?? Data(hash.utf8) }
}
