import Crypto
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

    /// What the row after `previous` (empty for the first row) keeps: a change, removal or swap of any earlier row
    /// changes it.
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

    /// Neighbours are joined level by level and an odd last one moves up: the tree that the RFC describes from the top.
    private static func root(_ leaves: ArraySlice<Data>) -> Data {
        var level = Array(leaves)
        while level.count > 1 {
            let pairs = level.count / 2
            for index in 0..<pairs { level[index] = self.node(level[2 * index], level[2 * index + 1]) }
            if !level.count.isMultiple(of: 2) { level[pairs] = level[level.count - 1] }
            level.removeLast(pairs)
        }
        return level[0]
    }

    /// The largest power of two below `count`, which is at least 2.
    private static func split(_ count: Int) -> Int { 1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount) }

    private static func node(_ left: Data, _ right: Data) -> Data {
        // One array and one call: a log of 200,000 rows asks for as many nodes.
        var message = [UInt8]()
        message.reserveCapacity(1 + 2 * SHA256.byteCount)
        message.append(1)
        message.append(contentsOf: left)
        message.append(contentsOf: right)
        return Data(SHA256.hash(data: message))
    }

    /// 32 bytes. Somebody may have written anything into the row that is being verified: what is no hash must match
    /// nothing, but not crash either.
    private static func bytes(_ hash: String) -> Data {
        if let bytes = Data(hex: hash), bytes.count == SHA256.byteCount { return bytes }
        return Digest.sha256(Data([2]) + Data(hash.utf8))
    }
}
