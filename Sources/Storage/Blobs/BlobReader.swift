import FoundationEssentials
import Glibc

/// A blob, chunk by chunk: `for try await chunk in reader`. It stays readable while somebody removes it.
package final class BlobReader: AsyncSequence, Sendable {
    package typealias Element = Data

    /// In bytes.
    package let size: Int
    private let file: Int32
    private let path: String

    init?(_ path: String) throws {
        self.path = path
        self.file = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if self.file < 0 {
            if errno == ENOENT { return nil }
            throw NewFile.error("open", path)
        }
        var status = stat()
        if fstat(self.file, &status) != 0 {
            let error = NewFile.error("fstat", path)
            close(self.file)
            throw error
        }
        self.size = Int(status.st_size)
    }

    deinit { close(self.file) }

    /// As many bytes as asked for, fewer only at the end, none after it.
    package func read(at offset: Int, count: Int) async throws -> Data {
        try await BlobStore.offThread {
            var data = Data(count: count)
            let total = try data.withUnsafeMutableBytes { bytes in
                var total = 0
                while total < count {
                    let got = pread(self.file, bytes.baseAddress! + total, count - total, off_t(offset + total))
                    if got < 0, errno == EINTR { continue }
                    if got < 0 { throw NewFile.error("read", self.path) }
                    if got == 0 { break }
                    total += got
                }
                return total
            }
            return total == count ? data : data.prefix(total)
        }
    }

    package func makeAsyncIterator() -> Iterator { self.chunks(of: 65_536).makeAsyncIterator() }

    /// Where the size of the chunks matters, such as for a cipher that seals each one.
    package func chunks(of size: Int) -> Chunks { Chunks(reader: self, size: size) }

    package struct Chunks: AsyncSequence, Sendable {
        package typealias Element = Data
        let reader: BlobReader
        let size: Int

        package func makeAsyncIterator() -> Iterator { Iterator(reader: self.reader, size: self.size) }
    }

    package struct Iterator: AsyncIteratorProtocol {
        let reader: BlobReader
        let size: Int
        private var offset = 0

        init(reader: BlobReader, size: Int) { (self.reader, self.size) = (reader, size) }

        package mutating func next() async throws -> Data? {
            try Task.checkCancellation()
            let chunk = try await self.reader.read(at: self.offset, count: self.size)
            self.offset += chunk.count
            return chunk.isEmpty ? nil : chunk
        }
    }
}
