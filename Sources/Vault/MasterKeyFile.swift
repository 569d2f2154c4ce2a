import FoundationEssentials
import Glibc

extension MasterKey {
    /// Reads the file of the master key: 32 raw bytes, readable by nobody but its owner (as systemd's credentials are).
    /// - Throws: `keyFile` with a sentence for the operator.
    package static func load(path: String) throws(VaultError) -> MasterKey {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .keyFile("cannot open \(path): \(reason())") }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .keyFile("cannot examine \(path): \(reason())") }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .keyFile("\(path) is not a regular file") }
        guard status.st_mode & 0o077 == 0 else {
            throw .keyFile("\(path) is open to others than its owner: chmod 0400 it")
        }
        guard status.st_size == self.byteCount else {
            throw .keyFile("\(path) has \(status.st_size) bytes, not \(self.byteCount)")
        }
        var bytes = [UInt8](repeating: 0, count: self.byteCount)
        let count = read(file, &bytes, bytes.count)
        defer { for index in bytes.indices { bytes[index] = 0 } }
        guard count == self.byteCount else { throw .keyFile("cannot read \(path): \(reason())") }
        // What an interrupted copy or a full disk leaves behind.
        guard bytes.contains(where: { $0 != 0 }) else { throw .keyFile("\(path) is all zeros") }
        return try MasterKey(bytes: bytes)
    }

    /// Makes a new random key and keeps it in a new file, mode 0400. When this returns, file and directory entry are on
    /// the disk: a report sealed a moment later must not outlive its key.
    /// - Throws: `keyFile`; also if anything exists at the path, because an existing key is never overwritten.
    package static func create(path: String) throws(VaultError) -> MasterKey {
        let key = MasterKey.random()
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard file >= 0 else { throw .keyFile("cannot create \(path): \(reason())") }
        var problem: String?
        if key.withBytes({ write(file, $0.baseAddress, $0.count) }) != self.byteCount || fchmod(file, 0o400) != 0
            || fsync(file) != 0
        {
            problem = reason()
        }
        if close(file) != 0, problem == nil { problem = reason() }
        if problem == nil { problem = self.syncFolder(of: path) }
        if let problem {
            unlink(path)
            throw .keyFile("cannot write \(path): \(problem)")
        }
        return key
    }

    private static func syncFolder(of path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.count == 1 ? "." : parts.dropLast().joined(separator: "/") + "/"
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return reason() }
        defer { close(descriptor) }
        return fsync(descriptor) == 0 ? nil : reason()
    }
}

private func reason() -> String { String(cString: strerror(errno)) }
