import NIOPosix
import Synchronization

/// Threads for one kind of slow work, with a queue of limited length, so that a flood of one kind can neither take all
/// memory nor stop the other kind, and never runs on an event loop.
package final class Lane: Sendable {
    /// How many run at once.
    package let width: Int
    /// How many may wait behind them.
    package let queue: Int
    private let retryAfter: Int
    private let threads: NIOThreadPool
    private let inside = Atomic<Int>(0)

    /// `milliseconds` is about how long one piece of work takes, and only serves `Overloaded.retryAfter`.
    package init(width: Int, queue: Int, milliseconds: Int) {
        self.width = width
        self.queue = queue
        self.retryAfter = max(1, (queue * milliseconds / width + 999) / 1000)
        self.threads = NIOThreadPool(numberOfThreads: width)
        self.threads.start()
    }

    /// How many are running or waiting now; for the metrics.
    package var load: Int { self.inside.load(ordering: .relaxed) }

    /// - Throws: `Overloaded` at once if the queue is full, `CancellationError` if the task was cancelled while waiting,
    ///   or what the work throws.
    package func run<Result: Sendable>(_ work: @escaping @Sendable () throws -> Result) async throws -> Result {
        let (_, load) = self.inside.add(1, ordering: .relaxed)
        defer { self.inside.subtract(1, ordering: .relaxed) }
        guard load <= self.width + self.queue else { throw Overloaded(retryAfter: self.retryAfter) }
        return try await self.threads.runIfActive(work)
    }

    package func shutdown() async {
        // Fails only when it was shut down before.
        try? await self.threads.shutdownGracefully()
    }
}
