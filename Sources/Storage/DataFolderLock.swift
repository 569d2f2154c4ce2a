import Glibc

/// Held by the one process that may use a data folder: two servers on one SQLite file would each be the only writer.
/// The system takes it back when the process ends, however it ends.
package final class DataFolderLock: Sendable {
    private let file: Int32

    /// Creates the folder when there is none. Throws `.busy` when another process has it.
    package init(_ folder: String) throws {
        try NewFile.makeFolder(folder)
        let path = "\(folder)/lock"
        let file = try NewFile.open(path, O_CREAT | O_RDWR)
        if flock(file, LOCK_EX | LOCK_NB) != 0 {
            let error =
                errno == EWOULDBLOCK
                ? StorageError.busy("\(folder) is in use by process \(Self.holder(file)); only one may run on it")
                : NewFile.error("flock", path)
            close(file)
            throw error
        }
        // For whoever is refused, and for the administrator.
        let holder = Array("\(getpid())\n".utf8)
        ftruncate(file, 0)
        pwrite(file, holder, holder.count, 0)
        self.file = file
    }

    deinit { close(self.file) }

    private static func holder(_ file: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(file, &bytes, 32, 0)
        return count > 1 ? String(decoding: bytes[..<(count - 1)], as: UTF8.self) : "unknown"
    }
}
