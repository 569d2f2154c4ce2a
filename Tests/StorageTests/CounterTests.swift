import Foundation
import Storage
import StorageTesting
import Testing

@Suite struct CounterTests {
    @Test(arguments: TestEngine.available)
    func `attempts are counted by all servers together, window by window`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let servers = [try await open(), engine == .postgres ? try await open() : nil].compactMap(\.self)
            try await servers[0].migrate([Counters.schema])
            let now = Date(timeIntervalSince1970: 1_800_000_010)
            @Sendable func hit(_ server: Int, _ subject: String, _ now: Date) async throws -> Int {
                try await servers[server % servers.count].write(.eachStatement) { tx in
                    try Counters.hit(tx, "sign-in", subject: subject, window: 60, now: now)
                }
            }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...50 { group.addTask { try await hit(number, "a", now) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.sorted() == Array(1...50))
            #expect(try await hit(0, "b", now) == 1)
            #expect(try await hit(0, "a", now + 60) == 1)
            #expect(Counters.secondsLeft(window: 60, now: now) == 50)

            let database = servers[0]
            func count(_ subject: String) async throws -> Int {
                try await database.read { try Counters.count($0, "sign-in", subject: subject, window: 60, now: now) }
            }
            #expect(try await count("a") == 50)
            #expect(try await count("c") == 0)
            try await database.write { try Counters.reset($0, "sign-in", subject: "b") }
            #expect(try await count("b") == 0)
            #expect(try await database.write { try Counters.purge($0, before: now) } == 1)
            #expect(try await count("a") == 0)
            for server in servers { try await server.close() }
        }
    }
}
