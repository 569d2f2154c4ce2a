import Foundation
import Glibc
import Storage
import Vault

/// A file from one place to another, through a cipher or not, never whole in memory, on disk when it returns.
enum FileCopy {
    private static let piece = 1 << 20

    /// What goes through while a file is copied.
    enum Cipher {
        case none
        case seal(PublicBox, SealContext)
        case open(PrivateBox, SealContext)
    }

    /// - Returns: size and SHA-256 of the new file.
    /// - Throws: `OperatorFault` for a file that cannot be read or written, `VaultError` for one that does not open.
    static func run(from source: String, to target: String, _ cipher: Cipher) throws -> (bytes: Int, sha256: String) {
        try self.makeFolders(for: target)
        guard let input = FileHandle(forReadingAtPath: source) else { throw OperatorFault("cannot read \(source)") }
        defer { try? input.close() }
        let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw OperatorFault("cannot make \(target): \(String(cString: strerror(errno)))")
        }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var digest = RunningDigest()
        var bytes = 0
        func write(_ data: Data) throws {
            if data.isEmpty { return }
            digest.add(data)
            bytes += data.count
            try output.write(contentsOf: data)
        }
        func pieces(_ body: (Data) throws -> Void) throws {
            while let data = try input.read(upToCount: Self.piece), !data.isEmpty { try body(data) }
        }
        switch cipher {
        case .none: try pieces(write)
        case .seal(let box, let context):
            var sealer = try FileSealer(to: box, context)
            try write(sealer.start())
            try pieces { try write(sealer.update($0)) }
            try write(sealer.finish())
        case .open(let box, let context):
            var opener = FileOpener(box: box, context)
            try pieces { try write(opener.update($0)) }
            try write(opener.finish())
        }
        guard fsync(descriptor) == 0 else {
            throw OperatorFault("cannot write \(target): \(String(cString: strerror(errno)))")
        }
        try output.close()
        try NewFile.synchronizeFolder(of: target)
        return (bytes, digest.hex)
    }

    /// - Returns: size and SHA-256; `nil` when there is no such file.
    static func digest(of path: String) throws -> (bytes: Int, sha256: String)? {
        guard let input = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? input.close() }
        var digest = RunningDigest()
        var bytes = 0
        while let data = try input.read(upToCount: Self.piece), !data.isEmpty {
            digest.add(data)
            bytes += data.count
        }
        return (bytes, digest.hex)
    }

    /// A small file, on disk when it returns; refuses to replace one.
    static func write(_ data: Data, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw OperatorFault("cannot make \(path): \(String(cString: strerror(errno)))") }
        let output = FileHandle(fileDescriptor: file, closeOnDealloc: true)
        try output.write(contentsOf: data)
        try output.close()
        try NewFile.synchronize(path)
    }

    private static func makeFolders(for path: String) throws {
        var missing: [String] = []
        var folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        while folder.count > 1, !FileManager.default.fileExists(atPath: folder) {
            missing.append(folder)
            folder = URL(filePath: folder).deletingLastPathComponent().path(percentEncoded: false)
        }
        for folder in missing.reversed() {
            try NewFile.makeFolder(folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
        }
    }
}
