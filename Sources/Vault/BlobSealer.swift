import Crypto
import FoundationEssentials

/// Seals a file piece by piece: `start`, `update` as often as needed, `finish`; what they return, one after the other, is
/// the sealed blob. Keeps less than two chunks (128 KiB) besides the piece it is given. Never go on with two copies of the
/// same sealer: they would seal different content with the same nonces.
package struct BlobSealer: Secret {
    private let key: SymmetricKey
    private let header: Data
    private let associated: Data
    private var waiting = ByteQueue()
    private var counter: UInt64 = 0
    private var isFinished = false
    private var plaintextHash = RunningHash()
    private var ciphertextHash = RunningHash()
    /// Bytes of content so far.
    package private(set) var plaintextCount = 0
    /// Bytes of the sealed blob so far.
    package private(set) var ciphertextCount = 0

    /// The key must be a fresh one for each file, the context the same when it is opened.
    package init(key: ContentKey, context: SealContext) {
        self.header = BlobCipher.magic + [BlobCipher.version, BlobCipher.suite] + .random(16)
        self.key = BlobCipher.key(key, header: self.header, context)
        self.associated = Digest.sha256(self.header)
    }

    /// SHA-256 of the content so far, 64 hexadecimal digits. In clear it would confirm known files: keep it sealed.
    package var plaintextSHA256: String { self.plaintextHash.hex }
    /// SHA-256 of the sealed blob so far, 64 hexadecimal digits; may be stored in clear.
    package var ciphertextSHA256: String { self.ciphertextHash.hex }

    /// The header, 22 bytes.
    package mutating func start() -> Data {
        precondition(self.ciphertextCount == 0, "a blob starts once")
        return self.noted(self.header)
    }

    package mutating func update(_ content: Data) -> Data {
        precondition(self.ciphertextCount > 0 && !self.isFinished, "between start and finish only")
        self.plaintextHash.add(content)
        self.plaintextCount += content.count
        self.waiting.append(content)
        var sealed = Data()
        // A chunk that may be the last one waits for more content or for `finish`.
        while self.waiting.count > BlobCipher.pieceCount {
            sealed.append(self.chunk(self.waiting.take(BlobCipher.pieceCount), BlobCipher.pieceCount, last: false))
        }
        return self.noted(sealed)
    }

    /// The last content and the padding: at most an eighth of the file.
    package mutating func finish() -> Data {
        precondition(self.ciphertextCount > 0 && !self.isFinished, "between start and finish only")
        var left = BlobCipher.paddedCount(self.plaintextCount) - self.plaintextCount + self.waiting.count
        var sealed = Data()
        while left > BlobCipher.pieceCount {
            sealed.append(self.chunk(self.waiting.take(BlobCipher.pieceCount), BlobCipher.pieceCount, last: false))
            left -= BlobCipher.pieceCount
        }
        sealed.append(self.chunk(self.waiting.take(BlobCipher.pieceCount), left, last: true))
        self.isFinished = true
        return self.noted(sealed)
    }

    private mutating func chunk(_ content: Data, _ count: Int, last: Bool) -> Data {
        var plain = Data(capacity: BlobCipher.lengthCount + count)
        plain.append(bigEndian: UInt32(content.count))
        plain.append(content)
        plain.append(Data(count: count - content.count))
        defer { self.counter += 1 }
        guard
            let box = try? AES.GCM.seal(
                plain,
                using: self.key,
                nonce: BlobCipher.nonce(self.counter, last: last),
                authenticating: self.associated
            )
        else { preconditionFailure("AES-GCM refused a 256-bit key") }
        return box.ciphertext + box.tag
    }

    private mutating func noted(_ sealed: Data) -> Data {
        self.ciphertextHash.add(sealed)
        self.ciphertextCount += sealed.count
        return sealed
    }
}
