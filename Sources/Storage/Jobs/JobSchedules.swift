import FoundationEssentials
import Synchronization

/// The schedules of this process, and when to look at their table again.
final class JobSchedules: Sendable {
    private struct State {
        var schedules: [JobSchedule] = []
        var nextLook = Date.distantPast
    }

    private let database: Database
    private let state = Mutex(State())

    init(_ database: Database) { self.database = database }

    func add(_ schedule: JobSchedule) {
        self.state.withLock {
            $0.schedules.append(schedule)
            $0.nextLook = .distantPast
        }
    }

    /// Other servers only ever move a run to later, so until the earliest one known there is nothing to do.
    func enqueueDue(_ now: Date) async throws {
        let state = self.state.withLock { $0 }
        // A clock that was set back looks as well.
        if now < state.nextLook, state.nextLook.timeIntervalSince(now) <= Self.shortest(state.schedules) { return }
        if state.schedules.isEmpty { return }
        try await self.database.write(.eachStatement) { tx in
            for schedule in state.schedules { try Self.enqueue(schedule, tx, now) }
        }
        let next = state.schedules.map { $0.next(after: now) }.min() ?? now
        self.state.withLock { $0.nextLook = next }
    }

    private static func shortest(_ schedules: [JobSchedule]) -> TimeInterval {
        Double(schedules.map(\.every).min() ?? 0)
    }

    /// Whoever moves the row to its next turn is the one that enqueues. A run that has not ended is not doubled.
    private static func enqueue(_ schedule: JobSchedule, _ tx: WriteTransaction, _ now: Date) throws {
        let next = schedule.next(after: now)
        // Later than one turn from now: the clock was set back, or the schedule became a denser one.
        let moved = try tx.execute(
            """
            INSERT INTO job_schedule (name, next_run_at) VALUES (\(schedule.name), \(next))
            ON CONFLICT (name) DO UPDATE SET next_run_at = excluded.next_run_at
            WHERE job_schedule.next_run_at <= \(now) OR job_schedule.next_run_at > excluded.next_run_at
            """
        )
        if moved == 0 { return }
        let isPending = try tx.value(
            Int.self,
            "SELECT 1 FROM job WHERE name = \(schedule.name) AND failed_at IS NULL LIMIT 1"
        )
        if isPending == nil { try JobQueue.enqueue(tx, schedule.name, payload: "{}", at: now) }
    }
}
