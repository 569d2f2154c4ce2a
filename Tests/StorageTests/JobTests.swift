import Foundation
import Kernel
import Logging
import ServiceLifecycle
import Storage
import StorageTesting
import Synchronization
import Testing

private struct Greet: Job {
    static let name = "greet"
    let who: String
}

private struct Give: Job {
    static let name = "give"
    static let maximumAttempts = 2
}

private struct SecretInside: Error { let secret = "do not write me down" }

/// A clock that stands still until it is moved.
private final class Hand: Sendable {
    private let time: Mutex<Date>
    init(_ time: Date) { self.time = Mutex(time) }
    func move(_ seconds: TimeInterval) { self.time.withLock { $0 += seconds } }
    var clock: Clock { Clock { self.time.withLock(\.self) } }
    var now: Date { self.time.withLock(\.self) }
}

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

@Suite struct JobTests {
    private let start = Day(rawValue: "2026-11-25")!.start + 40_000

    @Test(arguments: TestEngine.available)
    func `a job runs after the commit that asked for it, and only then`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand(start)
            let greeted = Mutex<[String]>([])
            let worker = JobWorker(database, clock: hand.clock, logger: silent)
            worker.register(Greet.self) { job in greeted.withLock { $0.append(job.who) } }
            struct Undone: Error {}
            try? await database.write { tx in
                try Greet(who: "nobody").enqueue(tx, at: start)
                throw Undone()
            }
            #expect(try await worker.runNext() == false)
            try await database.write { tx in
                try Greet(who: "later").enqueue(tx, at: start + 60)
                try Greet(who: "“now”").enqueue(tx, at: start)
                try JobQueue.enqueue(tx, "of another kind of server", payload: "{}", at: start)
            }
            while try await worker.runNext() {}
            #expect(greeted.withLock(\.self) == ["“now”"])
            hand.move(60)
            while try await worker.runNext() {}
            #expect(greeted.withLock(\.self) == ["“now”", "later"])
            let backlog = try await database.read { try JobQueue.backlog($0, now: hand.now) }
            #expect((backlog.due, backlog.waiting, backlog.failed) == (1, 0, 0))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a failure is retried later and later, then kept for a person`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand(start)
            let fails = Mutex(true)
            let worker = JobWorker(database, clock: hand.clock, logger: silent)
            worker.register(Give.self) { _ in if fails.withLock(\.self) { throw SecretInside() } }
            try await database.write { try Give().enqueue($0, at: start) }
            #expect(try await worker.runNext())
            #expect(try await worker.runNext() == false)
            hand.move(119)
            #expect(try await worker.runNext() == false)
            hand.move(1)
            #expect(try await worker.runNext())
            hand.move(86_400)
            #expect(try await worker.runNext() == false)

            let failed = try await database.read { try JobQueue.failed($0) }
            #expect(failed.map(\.name) == ["give"])
            #expect(failed.map(\.attempts) == [2])
            #expect(failed[0].lastError?.hasSuffix("SecretInside") == true)
            #expect(failed[0].failedAt == Day(start).start)
            let everything = try await database.read { try $0.values(String.self, "SELECT last_error FROM job") }
            #expect(!everything.joined().contains("write me down"))

            fails.withLock { $0 = false }
            for isFirst in [true, false] {
                #expect(try await database.write { try JobQueue.retry($0, id: failed[0].id, at: hand.now) } == isFirst)
            }
            #expect(try await worker.runNext())
            #expect(try await database.read { try $0.value(Int.self, "SELECT count(*) FROM job") } == 0)
            #expect(try await database.write { try JobQueue.discard($0, id: failed[0].id) } == false)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a job that ends its process every time is given up too`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand(start)
            let worker = JobWorker(database, clock: hand.clock, logger: silent)
            worker.register(Give.self) { _ in Issue.record("has run") }
            try await database.write { try Give().enqueue($0, at: start) }
            for _ in 1...2 {
                #expect(try await JobQueue(database).claim(now: hand.now) != nil)
                hand.move(301)
            }
            #expect(try await worker.runNext())
            let failed = try await database.read { try JobQueue.failed($0) }
            #expect(failed.map(\.lastError) == ["Storage.LeaseExpired"])
            #expect(try await database.write { try JobQueue.discard($0, id: failed[0].id) })
        }
    }

    @Test(arguments: TestEngine.available)
    func `a long job keeps its lease, a stopped one gives it back at once`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand(start)
            // The lease is 300 seconds of the clock, and is renewed every 100 milliseconds of this test.
            let worker = JobWorker(database, clock: hand.clock, logger: silent, lease: 300, renewal: .milliseconds(100))
            let hasBegun = Mutex(false)
            let mayEnd = Mutex(false)
            worker.register(Give.self) { _ in
                hasBegun.withLock { $0 = true }
                while !mayEnd.withLock(\.self) { try await Task.sleep(for: .milliseconds(10)) }
            }
            func wait(_ condition: () async throws -> Bool) async throws {
                for _ in 1...1000 where try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
            }
            func isLeased(until date: Date) async throws -> Bool {
                try await database.read { try $0.value(Date?.self, "SELECT locked_until FROM job") } == date
            }
            try await database.write { try Give().enqueue($0, at: start) }
            let working = Task { try await worker.runNext() }
            for _ in 1...3 {
                hand.move(200)
                try await wait { try await isLeased(until: hand.now + 300) }
                #expect(try await JobQueue(database).claim(now: hand.now) == nil)
            }
            mayEnd.withLock { $0 = true }
            #expect(try await working.value)

            hasBegun.withLock { $0 = false }
            mayEnd.withLock { $0 = false }
            try await database.write { try Give().enqueue($0, at: start) }
            let stopped = Task { try await worker.runNext() }
            try await wait { hasBegun.withLock(\.self) }
            stopped.cancel()
            _ = await stopped.result
            let again = try #require(try await JobQueue(database).claim(now: hand.now))
            #expect(again.attempts == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `what comes round runs once on all servers together`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let hand = Hand(start)
            let count = Mutex(0)
            let workers = (1...3).map { _ in
                let worker = JobWorker(database, clock: hand.clock, logger: silent)
                worker.schedule(JobSchedule("sweep", every: 3600, offset: 600)) { count.withLock { $0 += 1 } }
                return worker
            }
            func turn() async throws -> Int {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for worker in workers { group.addTask { while try await worker.runNext() {} } }
                    try await group.waitForAll()
                }
                return count.withLock(\.self)
            }
            #expect(try await turn() == 1)
            #expect(try await turn() == 1)
            let next = try await database.read { try $0.value(Date.self, "SELECT next_run_at FROM job_schedule") }!
            #expect(next.timeIntervalSince1970.truncatingRemainder(dividingBy: 3600) == 600)
            hand.move(3599)
            #expect(try await turn() == 2)
            // A day asleep is made up for by one run, and a clock that was set back does not stop it for a day.
            hand.move(86_400)
            #expect(try await turn() == 3)
            hand.move(-86_400)
            #expect(try await turn() == 4)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the service works at a signal and ends in peace`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let (done, continuation) = AsyncStream.makeStream(of: String.self)
            let worker = JobWorker(database, logger: silent)
            worker.register(Greet.self) { continuation.yield($0.who) }
            let group = ServiceGroup(services: [worker], logger: silent)
            let running = Task { try await group.run() }
            try await Task.sleep(for: .milliseconds(200))
            try await database.write { try Greet(who: "you").enqueue($0, at: Date()) }
            for await who in done {
                #expect(who == "you")
                break
            }
            await group.triggerGracefulShutdown()
            try await running.value
        }
    }
}
