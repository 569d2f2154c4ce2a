import Foundation
import Storage
import StoragePostgres
import StorageTesting
import Synchronization
import Testing

private final class Meeting: Sendable {
    private let present = Mutex(0)
    var count: Int { self.present.withLock(\.self) }
    func come() { self.present.withLock { $0 += 1 } }
}

@Suite struct PostgresTests {
    private static let server = ProcessInfo.processInfo.environment["TEST_POSTGRES"]

    private func refusal(_ url: String) async -> String {
        do {
            try await Database.postgres(url).close()
            return "accepted"
        } catch { return "\(error)" }
    }

    @Test(arguments: [
        "postgres://me:secret@db.example.invalid/app?sslmode=require",
        "postgresql://me:secret@203.0.113.7:5432/app?connect_timeout=1&sslmode=prefer",
        "host=db.example.invalid user=me password=secret sslmode=verify-ca",
        "host=/tmp hostaddr=203.0.113.7 user=me password=secret sslmode=disable",
        "host=localhost,db.example.invalid user=me password=secret sslmode=disable",
        "host=127.0.0.1.example.invalid user=me password=secret sslmode=allow allow_insecure=no",
    ])
    func `a server elsewhere has to prove who it is`(url: String) async {
        let refusal = await refusal(url)
        #expect(refusal.contains("write sslmode=verify-full"))
        #expect(refusal.contains("allow_insecure=1"))
        #expect(!refusal.contains("secret"))
    }

    @Test(arguments: [
        // Nobody answers at port 1; what matters is that these are tried.
        "postgres://me:secret@127.0.0.1:1/app?sslmode=disable",
        "postgres://me:secret@127.0.0.1:1/app?sslmode=disable&allow_insecure=1",
        "postgres://me:secret@127.0.0.1:1/app?allow_insecure=1",
        "host=127.0.0.1 port=1 sslmode=disable allow_insecure=1 user=me password=secret",
        "postgres://me:secret@[::1]:1/app",
        "host=/nowhere user=me password=secret",
    ])
    func `this machine is trusted`(url: String) async {
        let refusal = await refusal(url)
        #expect(refusal.contains("connection to server") || refusal.contains("refused"), "\(refusal)")
        #expect(!refusal.contains("secret") && !refusal.contains("sslmode"))
    }

    @Test(arguments: ["secret", "host=a secret", "postgres://me:sec ret@h/%zz", "postgres://me:secret@h/a?secret=1"])
    func `what is not understood is not repeated`(url: String) async {
        let refusal = await refusal(url)
        #expect(refusal.contains("not a PostgreSQL address"))
        #expect(!refusal.contains("sec"))
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `an address may be written as a URL`() async throws {
        let socket = try #require(Self.server?.split(separator: " ").first?.dropFirst(5))
        let host = socket.replacing("/", with: "%2F")
        let database = try await Database.postgres("postgres://storage@\(host)/postgres?allow_insecure=1")
        let name = try await database.read { try $0.value(String.self, "SELECT current_setting('application_name')") }
        #expect(name == "cyberconfiance")
        try await database.close()
    }

    /// Holds the only connection while the body runs.
    private func withBusyPool(patience: Double, _ body: (Database) async throws -> Void) async throws {
        let database = try await Database.postgres(try #require(Self.server), connections: 1, patience: patience)
        let (held, continuation) = AsyncStream.makeStream(of: Void.self)
        let mayEnd = Mutex(false)
        let holding = Task {
            try await database.read { tx in
                continuation.yield()
                while !mayEnd.withLock(\.self) { _ = try tx.value(Int.self, "SELECT 1 FROM pg_sleep(0.01)") }
            }
        }
        for await _ in held { break }
        try await body(database)
        mayEnd.withLock { $0 = true }
        try await holding.value
        // Whoever gave up has not taken the connection along.
        #expect(try await database.read { try $0.value(Int.self, "SELECT 1") } == 1)
        try await database.close()
        await #expect(throws: StorageError.unavailable("the database was closed")) {
            try await database.read { try $0.value(Int.self, "SELECT 1") }
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `waiting for a connection ends by time`() async throws {
        try await withBusyPool(patience: 0.2) { database in
            let late = (1...3).map { _ in Task { try await database.read { try $0.value(Int.self, "SELECT 1") } } }
            for late in late {
                await #expect(throws: StorageError.busy("all 1 connections are in use")) { try await late.value }
            }
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `waiting for a connection ends by cancellation`() async throws {
        try await withBusyPool(patience: 60) { database in
            let cancelled = Task { try await database.read { try $0.value(Int.self, "SELECT 1") } }
            try await Task.sleep(for: .milliseconds(50))
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `connections are neither lost nor doubled by a thousand impatient tasks`() async throws {
        let server = try #require(Self.server)
        let database = try await Database.postgres(server, connections: 3)
        await withTaskGroup(of: Void.self) { group in
            for number in 1...1000 {
                group.addTask {
                    let task = Task { try await database.read { try $0.value(Int.self, "SELECT 1") } }
                    if number % 3 == 0 { task.cancel() }
                    if number % 5 == 0 {
                        await Task.yield()
                        task.cancel()
                    }
                    _ = await task.result
                }
            }
        }
        // All three are still there: each of these holds one until the others have theirs.
        let met = Meeting()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...3 {
                group.addTask {
                    try await database.read { tx in
                        met.come()
                        for _ in 1...500 where met.count < 3 {
                            _ = try tx.value(Int.self, "SELECT 1 FROM pg_sleep(0.01)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(met.count == 3)
        try await database.close()
    }
}
