import Foundation
import Testing
import Vault

@Suite struct `Blobs` {
    private static let sizes = [0, 1, 255, 256, 257, 65_531, 65_532, 65_533, 65_535, 65_536, 65_537, 131_064, 200_000]
    private static let header = 22
    private static let chunk = 65_536 + 16

    private let key = ContentKey.random()
    private let context = SealContext("attachment", "report 1", "file 2")

    private func seal(_ content: Data, by piece: Int = .max) -> (blob: Data, sealer: BlobSealer) {
        var sealer = BlobSealer(key: self.key, context: self.context)
        var blob = sealer.start()
        var rest = content
        while !rest.isEmpty {
            blob += sealer.update(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        blob += sealer.finish()
        return (blob, sealer)
    }

    private func open(_ blob: Data, by piece: Int = .max, key: ContentKey? = nil, context: SealContext? = nil) throws
        -> (content: Data, opener: BlobOpener)
    {
        var opener = BlobOpener(key: key ?? self.key, context: context ?? self.context)
        var content = Data()
        var rest = blob
        while !rest.isEmpty {
            content += try opener.update(rest.prefix(piece))
            rest = rest.dropFirst(piece)
        }
        content += try opener.finish()
        return (content, opener)
    }

    @Test(arguments: sizes)
    func `open again, whatever the pieces they came in`(size: Int) throws {
        let content = random(size)
        for (sealed, opened) in [(Int.max, Int.max), (1000, 777), (65_532, 65_552), (65_536, 65_536), (100_000, 22)] {
            let (blob, sealer) = self.seal(content.asSlice, by: sealed)
            let (read, opener) = try self.open(blob.asSlice, by: opened)
            #expect(read == content)
            #expect(blob.count == BlobCipher.sealedCount(size))
            #expect((sealer.plaintextCount, sealer.ciphertextCount) == (size, blob.count))
            #expect((opener.plaintextCount, opener.ciphertextCount) == (size, blob.count))
            #expect(sealer.plaintextSHA256 == Digest.sha256Hex(content))
            #expect(opener.plaintextSHA256 == sealer.plaintextSHA256)
            #expect(sealer.ciphertextSHA256 == Digest.sha256Hex(blob))
            #expect(opener.ciphertextSHA256 == sealer.ciphertextSHA256)
        }
    }

    @Test func `open byte by byte`() throws {
        let content = random(300)
        #expect(try self.open(self.seal(content, by: 1).blob, by: 1).content == content)
    }

    @Test(arguments: sizes)
    func `are refused when cut, extended, rearranged or altered`(size: Int) throws {
        let (blob, _) = self.seal(random(size))
        let starts = Array(stride(from: Self.header, to: blob.count, by: Self.chunk))
        let ends = starts.dropFirst() + [blob.count]
        var bad: [Data] = [Data(), blob + Data([0]), blob + blob, blob + blob.dropFirst(Self.header)]
        for cut in [1, Self.header] + starts + Array(ends) {
            bad += [cut - 1, cut, cut + 1].filter { $0 < blob.count }.map { blob.prefix($0) }
        }
        // All of the header; of every chunk its first byte, its last of content and both ends of its tag.
        for index in Array(0..<Self.header) + starts + [17, 16, 1].flatMap({ back in ends.map { $0 - back } }) {
            bad += [0, 7].map { blob.flipped(bit: $0, ofByte: index) }
        }
        let chunks = zip(starts, ends).map { blob[$0..<$1] }
        for (index, chunk) in chunks.enumerated() {
            var without = chunks
            without.remove(at: index)
            bad.append(without.reduce(blob.prefix(Self.header), +))
            bad.append((chunks + [chunk]).reduce(blob.prefix(Self.header), +))
            if index > 0 {
                var swapped = chunks
                swapped.swapAt(index, index - 1)
                bad.append(swapped.reduce(blob.prefix(Self.header), +))
            }
        }
        for blob in bad {
            #expect(throws: VaultError.self) { try self.open(blob) }
            #expect(throws: VaultError.self) { try self.open(blob, by: 50_000) }
        }
    }

    @Test func `open with no other key, in no other context and with no other header`() {
        let content = random(70_000)
        let (one, two) = (self.seal(content).blob, self.seal(content).blob)
        #expect(one != two)
        #expect(throws: VaultError.wrongKey) { try self.open(one, key: .random()) }
        #expect(throws: VaultError.wrongKey) {
            try self.open(one, context: SealContext("attachment", "report 1", "file 3"))
        }
        #expect(throws: VaultError.wrongKey) { try self.open(two.prefix(Self.header) + one.dropFirst(Self.header)) }
        #expect(throws: VaultError.unsupportedSuite(2)) {
            try self.open(one.prefix(4) + Data([2]) + one.dropFirst(5))
        }
        #expect(throws: VaultError.malformed) { try self.open(Data("PK\u{3}\u{4}".utf8) + one) }
    }

    @Test func `that failed once give nothing more`() throws {
        let (blob, _) = self.seal(random(200_000))
        var opener = BlobOpener(key: self.key, context: self.context)
        #expect(throws: VaultError.wrongKey) { try opener.update(blob.flipped(bit: 0, ofByte: 100)) }
        #expect(throws: VaultError.wrongKey) { try opener.update(blob) }
        #expect(throws: VaultError.wrongKey) { try opener.finish() }
        var finished = BlobOpener(key: self.key, context: self.context)
        _ = try finished.update(blob)
        _ = try finished.finish()
        #expect(throws: VaultError.malformed) { try finished.update(blob) }
        #expect(throws: VaultError.malformed) { try finished.finish() }
    }

    @Test func `hide the length of a file to an eighth`() {
        #expect(Set((0...256).map(BlobCipher.sealedCount)).count == 1)
        var lengths: Set<Int> = []
        for count in stride(from: 257, to: 30_000_000, by: 997) {
            let padded = BlobCipher.paddedCount(count)
            #expect(padded >= count)
            #expect(Double(padded) <= Double(count) * 1.12)
            lengths.insert(padded)
        }
        // 30,000 lengths became a few hundred.
        #expect(lengths.count < 400)
        // Padmé of the paper's figure: 9 becomes 10 there; ours starts at 256.
        #expect(BlobCipher.paddedCount(1_000_000) == 1_015_808)
    }
}
