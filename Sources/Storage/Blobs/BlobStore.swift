import Dispatch
import FoundationEssentials
import Glibc

/// Files too large for a row, in a folder. Knows nothing of what is in them: they come sealed and go sealed.
///
/// The order that survives a crash at any moment: the file is on disk, then the row that names it is committed; the row
/// is gone, then the file. What a crash leaves is a file without a row, and `orphans` finds it.
package struct BlobStore: Sendable {
    /// The folder.
    package let root: String

    /// Makes the folder when there is none.
    package init(root: String) throws {
        self.root = root
        for folder in [root, "\(root)/tmp", "\(root)/blobs"] { try NewFile.makeFolder(folder) }
    }

    /// - `id`: random, given by the caller: lower-case letters, digits and hyphens, at least eight.
    package func create(_ id: String) async throws -> BlobWriter {
        let place = try self.place(id)
        return try await Self.offThread {
            if access(place, F_OK) == 0 { throw StorageError.misuse("there is a blob \(id)") }
            return try BlobWriter(id: id, temporary: "\(self.root)/tmp/\(id)", place: place)
        }
    }

    /// `nil` when there is none.
    package func open(_ id: String) async throws -> BlobReader? {
        let place = try self.place(id)
        return try await Self.offThread { try BlobReader(place) }
    }

    /// After the row that named it is gone. Says no when there was none.
    @discardableResult
    package func remove(_ id: String) async throws -> Bool {
        let place = try self.place(id)
        return try await Self.offThread {
            if unlink(place) != 0 {
                if errno == ENOENT { return false }
                throw NewFile.error("unlink", place)
            }
            try NewFile.synchronizeFolder(of: place)
            return true
        }
    }

    /// Files that no row names. Young ones are left out: their row may be about to be committed.
    package func orphans(known: Set<String>, olderThan seconds: TimeInterval = 3600) async throws -> [String] {
        try await self.find { id, age in !known.contains(id) && age >= seconds }
    }

    /// Of these, the ones that have no file. There should never be any.
    package func missing(of known: Set<String>) async throws -> [String] {
        let present = Set(try await self.find { _, _ in true })
        return known.subtracting(present).sorted()
    }

    /// What writers left that never committed: their process ended. Returns how many.
    @discardableResult
    package func removeLeftovers(olderThan seconds: TimeInterval = 86_400) async throws -> Int {
        try await Self.offThread {
            let folder = "\(self.root)/tmp"
            let old = try FileManager.default.contentsOfDirectory(atPath: folder).filter {
                NewFile.age("\(folder)/\($0)").map { $0 >= seconds } ?? false
            }
            for name in old { NewFile.remove("\(folder)/\(name)") }
            return old.count
        }
    }

    private func find(
        _ isMeant: @escaping @Sendable (_ id: String, _ age: TimeInterval) -> Bool
    ) async throws -> [String] {
        try await Self.offThread {
            let root = "\(self.root)/blobs"
            var found: [String] = []
            for first in try FileManager.default.contentsOfDirectory(atPath: root) {
                for second in try FileManager.default.contentsOfDirectory(atPath: "\(root)/\(first)") {
                    let folder = "\(root)/\(first)/\(second)"
                    for id in try FileManager.default.contentsOfDirectory(atPath: folder) {
                        // Gone meanwhile: no age, not meant.
                        if let age = NewFile.age("\(folder)/\(id)"), isMeant(id, age) { found.append(id) }
                    }
                }
            }
            return found.sorted()
        }
    }

    /// `blobs/ab/cd/abcd…`, so that no folder grows too large. Nothing else gets a place: an id is a part of a path.
    private func place(_ id: String) throws -> String {
        let isPlain = id.utf8.allSatisfy {
            ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
                || $0 == UInt8(ascii: "-")
        }
        guard isPlain, (8...100).contains(id.utf8.count) else { throw StorageError.misuse("not a blob's id") }
        return "\(self.root)/blobs/\(id.prefix(2))/\(id.dropFirst(2).prefix(2))/\(id)"
    }

    /// Disks are slow; the threads that run tasks are few.
    static func offThread<T: Sendable>(
        on queue: DispatchQueue = .global(),
        _ body: @escaping @Sendable () throws -> T
    ) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try body() }) }
        }
    }
}
