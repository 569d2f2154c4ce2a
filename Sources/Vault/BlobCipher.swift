import Crypto
import FoundationEssentials

/// How files are sealed while they stream through, so that none is ever whole in memory or in clear on a disk.
///
/// A sealed blob is a header, `CCB1 ‖ version (1) ‖ suite (1) ‖ salt (16)`, and chunks, each AES-256-GCM with a tag of 16
/// bytes. The key is HKDF-SHA256 of file key, salt and context; the associated data is SHA-256 of the header; the nonce is
/// the number of the chunk in 11 bytes and a byte that is 1 for the last chunk (the STREAM construction of Hoang,
/// Reyhanitabar, Rogaway and Vizár, as in age): a blob that was cut, extended or rearranged does not open.
///
/// A chunk has 65,536 bytes, the last one fewer: four that say how many bytes of content follow, the content, and zeros.
/// The content, filled up with zeros to its Padmé length, is cut into pieces of 65,532. So the true length lies inside
/// what is sealed, and the outside tells it to 12 % at worst, or that it is below 256 bytes.
package enum BlobCipher {
    static let magic = Data("CCB1".utf8)
    static let version: UInt8 = 1
    static let suite: UInt8 = 1
    static let headerCount = 4 + 1 + 1 + 16
    static let chunkCount = 65_536
    static let lengthCount = 4
    static let tagCount = 16
    /// Bytes of content, or of zeros after it, in a full chunk.
    static let pieceCount = chunkCount - lengthCount

    /// The number of bytes that `count` bytes are filled up to: Padmé (Nikitin and others, PETS 2019), at least 256.
    package static func paddedCount(_ count: Int) -> Int {
        if count <= 256 { return 256 }
        let exponent = Int.bitWidth - 1 - count.leadingZeroBitCount
        let kept = Int.bitWidth - exponent.leadingZeroBitCount
        let mask = 1 << (exponent - kept) - 1
        return (count + mask) & ~mask
    }

    /// The size of the sealed blob for so many bytes of content: for checking the room on the disk beforehand.
    package static func sealedCount(_ count: Int) -> Int {
        let padded = self.paddedCount(count)
        let chunks = (padded + self.pieceCount - 1) / self.pieceCount
        return self.headerCount + padded + chunks * (self.lengthCount + self.tagCount)
    }

    static func nonce(_ counter: UInt64, last: Bool) -> AES.GCM.Nonce {
        var bytes = Data(count: 3)
        bytes.append(bigEndian: counter)
        bytes.append(last ? 1 : 0)
        guard let nonce = try? AES.GCM.Nonce(data: bytes) else { preconditionFailure("12 bytes are a nonce") }
        return nonce
    }

    static func key(_ key: ContentKey, header: Data, _ context: SealContext) -> SymmetricKey {
        HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key.secret,
            salt: header.suffix(16),
            info: context.bytes("blob", suite: self.suite),
            outputByteCount: 32
        )
    }
}

/// Bytes that arrive in pieces of any size and leave in pieces of another.
struct ByteQueue: Sendable {
    private var bytes = Data()
    private var taken = 0

    var count: Int { self.bytes.count - self.taken }

    mutating func append(_ more: Data) { self.bytes.append(more) }

    /// The next `count` bytes, or fewer if there are no more.
    mutating func take(_ count: Int) -> Data {
        let count = min(count, self.count)
        let piece = Data(self.bytes.dropFirst(self.taken).prefix(count))
        self.taken += count
        // Now and then, not each time: a large piece would otherwise be copied again for each of its chunks.
        if self.taken * 2 >= self.bytes.count {
            self.bytes = Data(self.bytes.dropFirst(self.taken))
            self.taken = 0
        }
        return piece
    }
}

/// SHA-256 of what has passed so far.
struct RunningHash: Sendable {
    private var hasher = SHA256()

    mutating func add(_ data: Data) { self.hasher.update(data: data) }

    var hex: String { Data(self.hasher.finalize()).hex }
}
