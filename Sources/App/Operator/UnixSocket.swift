import Dispatch
import Foundation
import Glibc

/// A stream socket in a folder, line by line. Blocking: every call happens on a thread of its own.
package final class UnixSocket: Sendable {
    /// Bytes of the longest line.
    static let longestLine = 65_536

    private let file: Int32

    private init(_ file: Int32) { self.file = file }

    deinit { close(self.file) }

    /// - Parameter folder: ours, mode 0700. An old socket there is replaced: who calls this holds the folder's lock.
    static func listen(folder: String, name: String) throws -> UnixSocket {
        let socket = try Self.new()
        try Self.withAddress(folder, name) { address, length, path in
            unlink(path)
            guard bind(socket.file, address, length) == 0, chmod(path, 0o600) == 0,
                Glibc.listen(socket.file, 16) == 0
            else { throw Self.fault("listen on", "\(folder)/\(name)") }
        }
        return socket
    }

    static func connect(folder: String, name: String) throws -> UnixSocket {
        let socket = try Self.new()
        try Self.withAddress(folder, name) { address, length, _ in
            guard Glibc.connect(socket.file, address, length) == 0 else {
                throw Self.fault("connect to", "\(folder)/\(name)")
            }
        }
        return socket
    }

    /// `nil` when nobody came within so many milliseconds.
    func accept(milliseconds: Int32) throws -> UnixSocket? {
        var wanted = pollfd(fd: self.file, events: Int16(POLLIN), revents: 0)
        guard poll(&wanted, 1, milliseconds) > 0 else { return nil }
        let client = Glibc.accept(self.file, nil, nil)
        if client < 0 { return nil }
        _ = fcntl(client, F_SETFD, FD_CLOEXEC)
        return UnixSocket(client)
    }

    /// For reading and writing; nobody holds the other side up for longer.
    func limit(seconds: Int) {
        // A `timeval`: seconds and microseconds.
        var time: (Int, Int) = (seconds, 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(self.file, SOL_SOCKET, option, &time, socklen_t(MemoryLayout<(Int, Int)>.size))
        }
    }

    func send(_ line: Data) throws {
        let bytes = [UInt8](line) + [UInt8(ascii: "\n")]
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(self.file, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.fault("write to", "the socket") }
            sent += count
        }
    }

    /// Without its end; `nil` when the other side has closed, is too slow, or the line too long.
    func line(_ rest: inout Data) -> Data? {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = Data(rest[..<end])
                rest = Data(rest[(end + 1)...])
                return line
            }
            guard rest.count < Self.longestLine else { return nil }
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(self.file, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            rest.append(contentsOf: bytes[..<count])
        }
    }

    private static func new() throws -> UnixSocket {
        let file = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { throw self.fault("open", "a socket") }
        return UnixSocket(file)
    }

    /// By way of the open folder: the path of a socket may have 107 bytes only, that of a data folder any number.
    private static func withAddress(
        _ folder: String,
        _ name: String,
        _ body: (UnsafePointer<sockaddr>, socklen_t, String) throws -> Void
    ) throws {
        let opened = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw self.fault("open", folder) }
        defer { close(opened) }
        let path = "/proc/self/fd/\(opened)/\(name)"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        try withUnsafePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                try body($0, socklen_t(MemoryLayout<sockaddr_un>.size), path)
            }
        }
    }

    private static func fault(_ what: String, _ path: String) -> OperatorFault {
        OperatorFault("cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}

/// Disks and sockets block; the threads that run tasks are few.
func offThread<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
    }
}
