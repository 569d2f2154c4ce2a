import Dispatch
import FoundationEssentials
import Glibc
import Synchronization

/// A blob on its way in. Nobody sees it before `commit`; without one nothing of it stays.
package final class BlobWriter: Sendable {
    package let id: String
    private let temporary: String
    private let place: String
    private let queue = DispatchQueue(label: "storage.blob")
    /// `nil` once it was committed or discarded.
    private let file: Mutex<Int32?>

    init(id: String, temporary: String, place: String) throws {
        (self.id, self.temporary, self.place) = (id, temporary, place)
        self.file = Mutex(try NewFile.open(temporary, O_CREAT | O_EXCL | O_WRONLY))
    }

    deinit { self.abandon() }

    /// Writes behind what was written before. One after the other: whoever appends waits for it.
    package func append(_ data: Data) async throws {
        try await BlobStore.offThread(on: self.queue) {
            let file = try self.open()
            try data.withUnsafeBytes { bytes in
                var written = 0
                while written < bytes.count {
                    let count = write(file, bytes.baseAddress! + written, bytes.count - written)
                    if count < 0, errno == EINTR { continue }
                    if count < 0 { throw NewFile.error("write", self.temporary) }
                    written += count
                }
            }
        }
    }

    /// When it returns, the blob survives a power cut. After an error it is discarded: an fsync that failed once may
    /// succeed the next time without anything being on disk.
    package func commit() async throws {
        try await BlobStore.offThread(on: self.queue) {
            let file = try self.open()
            do {
                if fsync(file) != 0 { throw NewFile.error("fsync", self.temporary) }
                try self.move()
            } catch {
                self.abandon()
                throw error
            }
            self.end()
        }
    }

    /// As if it had never been created. Letting go of the writer does the same.
    package func discard() async { try? await BlobStore.offThread(on: self.queue) { self.abandon() } }

    private func move() throws {
        let folder = String(self.place.dropLast(self.id.utf8.count + 1))
        try NewFile.makeFolder(String(folder.dropLast(3)))
        try NewFile.makeFolder(folder)
        // Unlike `rename`, `link` does not replace what is there.
        if link(self.temporary, self.place) != 0 { throw NewFile.error("link", self.place) }
        do { try NewFile.synchronizeFolder(of: self.place) } catch {
            NewFile.remove(self.place)
            throw error
        }
        NewFile.remove(self.temporary)
    }

    private func open() throws -> Int32 {
        guard let file = self.file.withLock(\.self) else { throw StorageError.misuse("the blob's writer has ended") }
        return file
    }

    private func end() {
        if let file = self.file.withLock({ file in
            defer { file = nil }
            return file
        }) {
            close(file)
        }
    }

    private func abandon() {
        let isOpen = self.file.withLock { $0 != nil }
        self.end()
        if isOpen { NewFile.remove(self.temporary) }
    }
}
