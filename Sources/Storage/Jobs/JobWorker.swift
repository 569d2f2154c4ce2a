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
    private let handlers = Mutex<[String: Handler]>([:])

    /// - Parameters:
    ///   - parallel: how many jobs this process does at the same time.
    ///   - lease: seconds after which a crashed process's job is taken over; a running one renews it.
    package init(
        _ database: Database,
        clock: Clock = .system,
        logger: Logger,
        parallel: Int = 2,
        lease: TimeInterval = 300
    ) {
        self.queue = JobQueue(database)
        self.schedules = JobSchedules(database)
        (self.clock, self.logger, self.parallel, self.lease) = (clock, logger, parallel, lease)
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
        do {
            // It took a process with it each time.
            if job.attempts > handler.maximumAttempts { throw LeaseExpired() }
            try await self.leased(job) { try await handler.run(job.payload) }
            if try await !self.queue.finish(job) { self.logger.warning("job was taken over", metadata: Self.about(job)) }
        } catch {
            // Not as part of a task that was cancelled: its last words would not reach the database.
            try await Task { try await self.note(error, job, handler) }.value
        }
        return true
    }

    private func note(_ error: any Error, _ job: JobQueue.Claim, _ handler: Handler) async throws {
        if error is CancellationError {
            _ = try await self.queue.release(job)
            return
        }
        let type = String(reflecting: Swift.type(of: error))
        let isLast = job.attempts >= handler.maximumAttempts
        _ = try await self.queue.fail(job, type, now: self.clock.now(), maximumAttempts: handler.maximumAttempts)
        var metadata = Self.about(job)
        metadata["error"] = "\(type)"
        self.logger.log(level: isLast ? .error : .warning, "\(isLast ? "job given up" : "job failed")", metadata: metadata)
    }

    /// Keeps the lease while the work goes on; gives up the work when the lease is lost.
    private func leased(_ job: JobQueue.Claim, _ work: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: work)
            group.addTask { [queue, clock, lease] in
                while true {
                    try await Task.sleep(for: .seconds(lease / 3))
                    // A database that is away for a moment is no reason to stop.
                    let isMine = try? await queue.renew(job, now: clock.now(), lease: lease)
                    if isMine == false { throw LeaseExpired() }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
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

/// The process that had the job ended or was too slow.
package struct LeaseExpired: Error { package init() {} }
