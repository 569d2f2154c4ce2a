import Dispatch
import Foundation
import Glibc

/// A program that is given bytes, answers and ends, or is ended. Whatever happens to it, the answer is only missing.
package struct ChildProcess: Sendable {
    private let program: String
    private let arguments: [String]
    private let seconds: Double
    /// Blocks a thread for as long as the child runs: threads of its own, so that nothing else waits.
    private static let queue = DispatchQueue(label: "documents.child", attributes: .concurrent)

    /// - Parameters:
    ///   - program: a path; `/proc/self/exe` is this program, even while its file is being replaced.
    ///   - seconds: after which it is killed.
    package init(_ program: String, _ arguments: [String], seconds: Double) {
        (self.program, self.arguments, self.seconds) = (program, arguments, seconds)
    }

    /// - Returns: what it wrote, if it ended by itself, in time and with success; `nil` otherwise.
    package func run(_ input: Data, longest: Int = 4096) async -> Data? {
        await withCheckedContinuation { continuation in
            Self.queue.async { continuation.resume(returning: self.runNow(input, longest: longest)) }
        }
    }

    private func runNow(_ input: Data, longest: Int) -> Data? {
        let end = ContinuousClock.now + .seconds(self.seconds)
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { return nil }
        let started = Confinement.start(self.program, self.arguments, talkingTo: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        guard let child = started else { return nil }
        let answer = Self.exchange(ends[0], input, longest: longest, until: end)
        // Whoever has not answered by now never will; whoever has may still be leaving.
        if answer == nil { kill(child, SIGKILL) }
        return Self.hasSucceeded(child, until: end) ? answer : nil
    }

    /// Sends all, then hears all.
    private static func exchange(
        _ socket: Int32,
        _ input: Data,
        longest: Int,
        until end: ContinuousClock.Instant
    ) -> Data? {
        var sent = 0
        while sent < input.count {
            guard Self.wait(socket, POLLOUT, until: end) else { return nil }
            // Without the flag a child that died would end us too.
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let count = input.withUnsafeBytes { send(socket, $0.baseAddress! + sent, input.count - sent, flags) }
            if count < 0, errno != EAGAIN, errno != EINTR { return nil }
            sent += max(0, count)
        }
        shutdown(socket, Int32(SHUT_WR))
        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            guard Self.wait(socket, POLLIN, until: end) else { return nil }
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count == 0 { return answer }
            if count < 0, errno != EAGAIN, errno != EINTR { return nil }
            answer += buffer.prefix(max(0, count))
            if answer.count > longest { return nil }
        }
    }

    private static func wait(_ socket: Int32, _ event: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = Self.milliseconds(until: end)
            if left <= 0 { return false }
            var waited = pollfd(fd: socket, events: Int16(event), revents: 0)
            let count = poll(&waited, 1, left)
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }

    private static func hasSucceeded(_ child: pid_t, until end: ContinuousClock.Instant) -> Bool {
        var status: Int32 = 0
        while true {
            let ended = waitpid(child, &status, WNOHANG)
            if ended == child { return status == 0 }
            if ended < 0, errno != EINTR { return false }
            if Self.milliseconds(until: end) <= 0 { kill(child, SIGKILL) }
            usleep(1000)
        }
    }

    private static func milliseconds(until end: ContinuousClock.Instant) -> Int32 {
        let left = (end - ContinuousClock.now).components
        return Int32(clamping: left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000)
    }
}
