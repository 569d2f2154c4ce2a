import FoundationEssentials
import Kernel

/// The process that had the job ended, or was away for too long.
package struct LeaseExpired: Error { package init() {} }

extension JobQueue {
    /// Keeps the lease while the work goes on, and gives up the work when the lease is lost.
    func whileLeased(
        _ job: Claim,
        _ lease: TimeInterval,
        renewal: Duration,
        _ clock: Clock,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask(operation: work)
            group.addTask {
                while true {
                    try await Task.sleep(for: renewal)
                    // A database that is away for a moment is no reason to stop.
                    let isMine = try? await self.renew(job, now: clock.now(), lease: lease)
                    if isMine == false { throw LeaseExpired() }
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
