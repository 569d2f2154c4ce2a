import Foundation
import Storage
import StorageTesting
import Testing

@Suite struct BlobTests {
    private func blob(_ store: BlobStore, _ chunks: [Data]) async throws -> String {
        let writer = try await store.create(UUID().uuidString.lowercased())
        for chunk in chunks { try await writer.append(chunk) }
        try await writer.commit()
        return writer.id
    }

    @Test func `a blob comes back as it was, in chunks`() async throws {
        try await TestEngine.withFolder { folder in
            let store = try BlobStore(root: "\(folder)/data")
            let chunks = (0..<5).map { Data(repeating: UInt8($0), count: 40_000) }
            let id = try await blob(store, chunks)
            let reader = try #require(try await store.open(id))
            #expect(reader.size == 200_000)
            var sizes: [Int] = []
            var all = Data()
            for try await chunk in reader {
                sizes.append(chunk.count)
                all += chunk
            }
            #expect(all == chunks.reduce(Data(), +))
            #expect(sizes == [65_536, 65_536, 65_536, 3392])
            #expect(try await reader.read(at: 79_999, count: 2) == Data([1, 2]))
            #expect(try await reader.read(at: 199_999, count: 10).count == 1)
            #expect(try await reader.read(at: 300_000, count: 10).isEmpty)
            let path = "\(folder)/data/blobs/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))/\(id)"
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)

            #expect(try await store.remove(id))
            #expect(try await store.remove(id) == false)
            #expect(try await store.open(id) == nil)
            #expect(try await reader.read(at: 0, count: 1) == Data([0]))
            let empty = try await blob(store, [])
            #expect(try await store.open(empty)?.size == 0)
        }
    }

    @Test func `nobody sees a blob before its commit, nothing stays of one that had none`() async throws {
        try await TestEngine.withFolder { folder in
            let store = try BlobStore(root: folder)
            let id = "0123456789abcdef"
            let writer = try await store.create(id)
            try await writer.append(Data([1]))
            #expect(try await store.open(id) == nil)
            await #expect(throws: StorageError.self) { try await store.create(id) }
            await writer.discard()
            await #expect(throws: StorageError.misuse("the blob's writer has ended")) {
                try await writer.append(Data([1]))
            }
            do { try await store.create(id).append(Data([2])) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tmp").isEmpty)
            let second = try await store.create(id)
            try await second.commit()
            await #expect(throws: StorageError.self) { try await second.commit() }
            await #expect(throws: StorageError.misuse("there is a blob \(id)")) { try await store.create(id) }
        }
    }

    @Test func `a crash leaves files that are found, never rows without a file`() async throws {
        try await TestEngine.withFolder { folder in
            let store = try BlobStore(root: folder)
            let kept = try await blob(store, [Data([1])])
            let lost = try await blob(store, [Data([2])])
            // The process ended while one was on its way.
            try Data([3]).write(to: URL(fileURLWithPath: "\(folder)/tmp/0123456789abcdef"))
            #expect(try await store.orphans(known: [kept]) == [])
            #expect(try await store.orphans(known: [kept], olderThan: 0) == [lost])
            #expect(try await store.missing(of: [kept, lost, "gone-gone"]) == ["gone-gone"])
            #expect(try await store.removeLeftovers() == 0)
            #expect(try await store.removeLeftovers(olderThan: 0) == 1)
            #expect(try await store.open(kept) != nil)
        }
    }

    @Test(arguments: ["", "short", "../../../etc/passwd", "ABCDEFGHIJ", "abcdefgh/..", "abcdefgh\0", "abcdefghé"])
    func `an id is never a path`(id: String) async throws {
        try await TestEngine.withFolder { folder in
            let store = try BlobStore(root: folder)
            await #expect(throws: StorageError.misuse("not a blob's id")) { try await store.create(id) }
            await #expect(throws: StorageError.misuse("not a blob's id")) { try await store.open(id) }
            await #expect(throws: StorageError.misuse("not a blob's id")) { try await store.remove(id) }
        }
    }

    @Test func `a commit that fails leaves neither the blob nor what was written`() async throws {
        try await TestEngine.withFolder { folder in
            let store = try BlobStore(root: folder)
            // In the place of the folder that it would need.
            try Data().write(to: URL(fileURLWithPath: "\(folder)/blobs/01"))
            let writer = try await store.create("0123456789abcdef")
            try await writer.append(Data([1]))
            await #expect(throws: StorageError.self) { try await writer.commit() }
            #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/tmp").isEmpty)
            await #expect(throws: StorageError.misuse("the blob's writer has ended")) { try await writer.commit() }
        }
    }
}
