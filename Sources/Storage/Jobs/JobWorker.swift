import FoundationEssentials
import Kernel
import Logging
import ServiceLifecycle
import Synchronization

/// Does the jobs of this process. Any number of servers may run one.
package final class JobWorker: Service {
    private struct Handler: Sendable {
        let maximumAttempts: Int
        let run: @Sendable (String) async throws -> Void
    }

    private let queue: JobQueue
    private let schedules: JobSchedules
    private let clock: Clock
    private let logger: Logger
    private let parallel: Int
    private let lease: TimeInterval
    private let renewal: Duration
    private let handlers = Mutex<[String: Handler]>([:])

    /// - `parallel`: how many jobs this process does at the same time.
    /// - `lease`: seconds after which a crashed process's job is taken over; a running one renews it, well before.
    package init(
        _ database: Database,
        clock: Clock = .system,
        logger: Logger,
        parallel: Int = 2,
        lease: TimeInterval = 300,
        renewal: Duration = .seconds(100)
    ) {
        self.queue = JobQueue(database)
        self.schedules = JobSchedules(database)
        (self.clock, self.logger, self.parallel) = (clock, logger, parallel)
        (self.lease, self.renewal) = (lease, renewal)
    }

    /// Jobs without a handler are left to other processes.
    package func register<J: Job>(_: J.Type, _ handler: @escaping @Sendable (J) async throws -> Void) {
        self.add(J.name, J.maximumAttempts) { payload in
            try await handler(JSONDecoder().decode(J.self, from: Data(payload.utf8)))
        }
    }

    /// What comes round is a job like any other: retried, visible when it fails, never twice at once.
    package func schedule(_ schedule: JobSchedule, _ handler: @escaping @Sendable () async throws -> Void) {
        self.add(schedule.name, 8) { _ in try await handler() }
        self.schedules.add(schedule)
    }

    private func add(_ name: String, _ attempts: Int, _ run: @escaping @Sendable (String) async throws -> Void) {
        self.handlers.withLock { handlers in
            precondition(handlers[name] == nil, "two handlers for \(name)")
            handlers[name] = Handler(maximumAttempts: attempts, run: run)
        }
    }

    /// One due job, if there is one; for tests, and in the loop.
    package func runNext() async throws -> Bool {
        let now = self.clock.now()
        try await self.schedules.enqueueDue(now)
        let handlers = self.handlers.withLock { $0 }
        guard let job = try await self.queue.claim(now: now, lease: self.lease, names: handlers.keys.sorted()),
            let handler = handlers[job.name]
        else { return false }
        let outcome: Result<Void, any Error>
        do {
            // It took a process with it each time.
            if job.attempts > handler.maximumAttempts { throw LeaseExpired() }
            try await self.queue.whileLeased(job, self.lease, renewal: self.renewal, self.clock) {
                try await handler.run(job.payload)
            }
            outcome = .success(())
        } catch { outcome = .failure(error) }
        let wasStopped = Task.isCancelled
        // Not as part of a task that was cancelled: its last words would not reach the database.
        try await Task { try await self.note(outcome, job, handler, wasStopped: wasStopped) }.value
        return true
    }

    private func note(
        _ outcome: Result<Void, any Error>,
        _ job: JobQueue.Claim,
        _ handler: Handler,
        wasStopped: Bool
    ) async throws {
        guard case .failure(let error) = outcome else {
            let isMine = try await self.queue.finish(job)
            if !isMine { self.logger.warning("job was taken over", metadata: Self.about(job)) }
            return
        }
        if wasStopped {
            _ = try await self.queue.release(job)
            return
        }
        let type = String(reflecting: Swift.type(of: error))
        let attempts = error is any PermanentFailure ? job.attempts : handler.maximumAttempts
        let isLast = job.attempts >= attempts
        _ = try await self.queue.fail(job, type, now: self.clock.now(), maximumAttempts: attempts)
        var metadata = Self.about(job)
        metadata["error"] = "\(type)"
        self.logger.log(
            level: isLast ? .error : .warning,
            "\(isLast ? "job given up" : "job failed")",
            metadata: metadata
        )
    }

    /// Until the graceful shutdown: begun jobs are finished, no new ones are taken.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for _ in 0..<self.parallel { group.addTask { await self.loop() } }
        }
    }

    private func loop() async {
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            // Before looking, so that nothing is missed between the look and the wait.
            let signal = self.queue.database.signals(JobQueue.channel)
            do { if try await self.runNext() { continue } } catch is CancellationError { continue } catch {
                self.logger.error("jobs wait", metadata: ["error": "\(String(reflecting: Swift.type(of: error)))"])
            }
            await Self.pause(signal)
        }
    }

    /// Until somebody signals, or for two seconds: retries, leases and schedules come due without a signal.
    private static func pause(_ signal: AsyncStream<Void>) async {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in signal { return } }
                group.addTask { try? await Task.sleep(for: .seconds(2)) }
                await group.next()
                group.cancelAll()
            }
        }
    }

    private static func about(_ job: JobQueue.Claim) -> Logger.Metadata {
        ["job": "\(job.name)", "id": "\(job.id)", "attempt": "\(job.attempts)"]
    }
}
