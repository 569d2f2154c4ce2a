import Dispatch
import Storage
import Synchronization

/// A bounded number of connections, given out in the order of asking.
final class PostgresPool: Sendable {
    /// A connection, or the right to open one.
    private typealias Grant = PostgresConnection?

    private struct Waiter {
        let id: Int
        let until: DispatchTime
        let continuation: CheckedContinuation<Grant, any Error>
    }

    private struct State {
        var idle: [PostgresConnection] = []
        var open = 0
        var waiting: [Waiter] = []
        var lastWaiter = 0
        var isClosed = false
        /// Whether somebody will look for those who have waited too long.
        var isWatched = false
    }

    private let settings: PostgresSettings
    private let limit: Int
    private let patience: DispatchTimeInterval
    private let state = Mutex(State())

    init(_ settings: PostgresSettings, limit: Int, patience: DispatchTimeInterval = .seconds(10)) {
        (self.settings, self.limit, self.patience) = (settings, limit, patience)
    }

    /// Runs the body on a connection's own thread. A cancelled task cancels its statement on the server.
    func run<T: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> T) async throws -> T {
        let connection = try await self.take()
        let turn = PostgresTurn(connection)
        defer { self.giveBack(connection) }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.queue.async {
                    let result = Result { try body(connection) }
                    turn.end()
                    continuation.resume(with: result)
                }
            }
        } onCancel: {
            turn.cancel()
        }
    }

    private func take() async throws -> PostgresConnection {
        if let connection = try await self.grant(), connection.isUsable { return connection }
        do {
            return try await withCheckedThrowingContinuation { continuation in
                DispatchQueue.global().async {
                    continuation.resume(with: Result { try PostgresConnection(self.settings) })
                }
            }
        } catch {
            self.giveBack(nil)
            throw error
        }
    }

    private func grant() async throws -> Grant {
        let id = self.state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { self.enter(id, $0) }
        } onCancel: {
            self.leave(id)
        }
    }

    private func enter(_ id: Int, _ continuation: CheckedContinuation<Grant, any Error>) {
        let (now, mustWatch): (Result<Grant, any Error>?, Bool) = self.state.withLock { state in
            // Under the lock, so that a cancellation is either seen here or finds the waiter.
            if Task.isCancelled { return (.failure(CancellationError()), false) }
            if state.isClosed { return (.failure(Self.closed), false) }
            if let idle = state.idle.popLast() { return (.success(idle), false) }
            if state.open < self.limit {
                state.open += 1
                return (.success(nil), false)
            }
            state.waiting.append(Waiter(id: id, until: .now() + self.patience, continuation: continuation))
            defer { state.isWatched = true }
            return (nil, !state.isWatched)
        }
        if let now { continuation.resume(with: now) }
        if mustWatch { self.watch(.now() + self.patience) }
    }

    private func leave(_ id: Int) {
        let waiter = self.state.withLock { state in
            state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(throwing: CancellationError())
    }

    /// Everybody has the same patience, so the first in the row is the first to lose it: one timer is enough.
    private func watch(_ time: DispatchTime) {
        DispatchQueue.global().asyncAfter(deadline: time) {
            let (late, next): ([Waiter], DispatchTime?) = self.state.withLock { state in
                let late = Array(state.waiting.prefix { $0.until <= .now() })
                state.waiting.removeFirst(late.count)
                state.isWatched = !state.waiting.isEmpty
                return (late, state.waiting.first?.until)
            }
            for waiter in late {
                waiter.continuation.resume(throwing: StorageError.busy("all \(self.limit) connections are in use"))
            }
            if let next { self.watch(next) }
        }
    }

    /// Without a connection it gives back the right to open one.
    private func giveBack(_ connection: PostgresConnection?) {
        let next: (waiter: Waiter, grant: Grant)? = self.state.withLock { state in
            let connection = connection?.isUsable == true && !state.isClosed ? connection : nil
            if !state.waiting.isEmpty { return (state.waiting.removeFirst(), connection) }
            if let connection { state.idle.append(connection) } else { state.open -= 1 }
            return nil
        }
        next?.waiter.continuation.resume(returning: next?.grant)
    }

    /// Transactions that have begun end in peace, their connections with them.
    func close() {
        let waiting = self.state.withLock { state in
            (state.isClosed, state.open) = (true, state.open - state.idle.count)
            state.idle = []
            defer { state.waiting = [] }
            return state.waiting
        }
        for waiter in waiting { waiter.continuation.resume(throwing: Self.closed) }
    }

    private static let closed = StorageError.unavailable("the database was closed")
}
