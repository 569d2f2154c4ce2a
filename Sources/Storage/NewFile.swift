import Glibc

/// Files that are ours alone and on disk when we say so.
package enum NewFile {
    /// Refuses a path where there is something already.
    package static func create(_ path: String) throws { close(try Self.open(path, O_CREAT | O_EXCL | O_WRONLY)) }

    package static func open(_ path: String, _ flags: Int32) throws -> Int32 {
        let file = Glibc.open(path, flags | O_CLOEXEC, 0o600)
        if file < 0 { throw Self.error("open", path) }
        return file
    }

    /// The file, and the folder's entry for it.
    package static func synchronize(_ path: String) throws {
        try Self.flush(path, O_RDONLY)
        try Self.synchronizeFolder(of: path)
    }

    package static func synchronizeFolder(of path: String) throws {
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        try Self.flush(folder.isEmpty ? "/" : String(folder), O_RDONLY | O_DIRECTORY)
    }

    static func remove(_ path: String) { unlink(path) }

    /// Ours alone, and its parent's entry for it on disk.
    package static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o700) == 0 { return try Self.synchronizeFolder(of: path) }
        if errno != EEXIST { throw Self.error("mkdir", path) }
    }

    /// Seconds since it was last written; `nil` when it is not there.
    package static func age(_ path: String) -> Double? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Double(time(nil) - status.st_mtim.tv_sec)
    }

    static func error(_ call: String, _ path: String) -> StorageError {
        StorageError.failed(
            code: "errno \(errno)",
            message: "\(call) \(path): \(String(cString: strerror(errno)))",
            sql: ""
        )
    }

    private static func flush(_ path: String, _ flags: Int32) throws {
        let file = try Self.open(path, flags)
        defer { close(file) }
        if fsync(file) != 0 { throw Self.error("fsync", path) }
    }
}
