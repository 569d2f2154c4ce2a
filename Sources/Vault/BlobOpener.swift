import Crypto
import FoundationEssentials

/// Opens a sealed blob piece by piece: `update` as often as needed, `finish`. Every byte that comes out is genuine, but
/// only `finish` knows that none is missing: until it returns, what came out is not to be relied upon.
package struct BlobOpener: Secret {
    private let fileKey: ContentKey
    private let context: SealContext
    private var opened: (key: SymmetricKey, associated: Data)?
    private var waiting = ByteQueue()
    private var counter: UInt64 = 0
    private var pieceSum = 0
    private var isPadding = false
    private var failure: VaultError?
    private var plaintextHash = RunningHash()
    private var ciphertextHash = RunningHash()
    /// Bytes of content so far.
    package private(set) var plaintextCount = 0
    /// Bytes of the sealed blob so far.
    package private(set) var ciphertextCount = 0

    package init(key: ContentKey, context: SealContext) {
        self.fileKey = key
        self.context = context
    }

    /// SHA-256 of the content so far, 64 hexadecimal digits.
    package var plaintextSHA256: String { self.plaintextHash.hex }
    /// SHA-256 of the sealed blob so far, 64 hexadecimal digits.
    package var ciphertextSHA256: String { self.ciphertextHash.hex }

    /// - Returns: the content of all chunks that are complete and not the last.
    /// - Throws: `malformed`, `unsupportedSuite`, or `wrongKey` for another key or context, and for chunks that were
    ///   altered or moved. From then on it throws the same for ever.
    package mutating func update(_ sealed: Data) throws(VaultError) -> Data {
        self.ciphertextHash.add(sealed)
        self.ciphertextCount += sealed.count
        self.waiting.append(sealed)
        var content = Data()
        try self.remembering { (opener) throws(VaultError) in
            try opener.readHeader()
            while opener.waiting.count > BlobCipher.chunkCount + BlobCipher.tagCount {
                try content.append(opener.takeChunk(last: false))
            }
        }
        return content
    }

    /// - Returns: the content of the last chunk.
    /// - Throws: as `update`; here also for a blob that was cut off or has something behind its end.
    package mutating func finish() throws(VaultError) -> Data {
        var content = Data()
        try self.remembering { (opener) throws(VaultError) in
            guard opener.opened != nil else { throw .malformed }
            content = try opener.takeChunk(last: true)
            guard opener.pieceSum == BlobCipher.paddedCount(opener.plaintextCount) else { throw .malformed }
        }
        self.failure = .malformed
        return content
    }

    private mutating func remembering(
        _ body: (inout BlobOpener) throws(VaultError) -> Void
    ) throws(VaultError) {
        if let failure = self.failure { throw failure }
        do {
            try body(&self)
        } catch {
            self.failure = error
            throw error
        }
    }

    private mutating func readHeader() throws(VaultError) {
        guard self.opened == nil, self.waiting.count >= BlobCipher.headerCount else { return }
        let header = self.waiting.take(BlobCipher.headerCount)
        var reader = ByteReader(header)
        guard try reader.take(4) == BlobCipher.magic else { throw .malformed }
        for known in [BlobCipher.version, BlobCipher.suite] {
            let byte = try reader.byte()
            guard byte == known else { throw .unsupportedSuite(byte) }
        }
        self.opened = (BlobCipher.key(self.fileKey, header: header, self.context), Digest.sha256(header))
    }

    private mutating func takeChunk(last: Bool) throws(VaultError) -> Data {
        let sealed = self.waiting.take(BlobCipher.chunkCount + BlobCipher.tagCount)
        guard let (key, associated) = self.opened,
            let box = try? AES.GCM.SealedBox(
                combined: Data(BlobCipher.nonce(self.counter, last: last)) + sealed
            )
        else { throw .malformed }
        guard let plain = try? AES.GCM.open(box, using: key, authenticating: associated) else { throw .wrongKey }
        self.counter += 1
        var reader = ByteReader(plain)
        let count = Int(try reader.take(BlobCipher.lengthCount).number(UInt32.self))
        let content = try reader.take(count)
        // After the first chunk that is not full of content, only zeros may follow.
        guard count == 0 || !self.isPadding else { throw .malformed }
        self.isPadding = !reader.rest.isEmpty || count == 0
        self.pieceSum += plain.count - BlobCipher.lengthCount
        self.plaintextHash.add(content)
        self.plaintextCount += count
        return content
    }
}
