import Foundation
import Storage
import StorageTesting
import Synchronization
import Testing

@Suite struct SeamTests {
    @Test(arguments: TestEngine.available)
    func `every job is claimed by exactly one worker`(engine: TestEngine) async throws {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            try await database.write { tx in
                for number in 1...60 { try JobQueue.enqueue(tx, "test", payload: "\(number)", at: now) }
            }
            let queue = JobQueue(database)
            let claimed = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 1...4 {
                    group.addTask {
                        var payloads: [String] = []
                        while let job = try await queue.claim(now: now) {
                            payloads.append(job.payload)
                            #expect(try await queue.finish(job))
                        }
                        return payloads
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(claimed.count == 60)
            #expect(Set(claimed).count == 60)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a lease that ran out is given to another, and the first one's finish says no`(engine: TestEngine) async throws
    {
        try await engine.withDatabase([JobQueue.schema]) { database in
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            try await database.write { try JobQueue.enqueue($0, "test", payload: "", at: now) }
            let queue = JobQueue(database)
            let first = try #require(try await queue.claim(now: now, lease: 10))
            #expect(try await queue.claim(now: now + 9, lease: 10) == nil)
            let second = try #require(try await queue.claim(now: now + 11, lease: 10))
            #expect(try await queue.finish(first) == false)
            #expect(try await queue.finish(second))
        }
    }

    @Test(arguments: TestEngine.available)
    func `words are found by their beginnings, without accents`(engine: TestEngine) async throws {
        let index = TextIndex("report_text")
        try await engine.withDatabase([Schema("search", index.migration)]) { database in
            try await database.write { tx in
                try index.put(tx, id: "1", "Un réseau d'Hameçonnage, e-mail: a.b@example.org")
                try index.put(tx, id: "2", "Réseaux électriques")
                try index.put(tx, id: "1", "Un RÉSEAU d'hameçonnage, encore")
            }
            func find(_ query: String) async throws -> [String] {
                try await database.read {
                    try $0.values(
                        String.self,
                        "SELECT id FROM report_text WHERE \(index.matching(query, in: "id")) ORDER BY id"
                    )
                }
            }
            #expect(try await find("reseau") == ["1", "2"])
            #expect(try await find("resea HAMECON") == ["1"])
            #expect(try await find("example") == [])
            #expect(try await find("' OR \"x\" * NEAR & !") == [])
            #expect(try await find("--") == [])
        }
    }

    @Test(arguments: TestEngine.available)
    func `signals are sent by commits only, and reach every server`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let sender = try await open()
            let receiver = engine == .postgres ? try await open() : sender
            let channel = Channel(stringLiteral: "test-\(UUID())")
            let count = Mutex(0)
            let stream = receiver.signals(channel)
            let listening = Task { for await _ in stream { count.withLock { $0 += 1 } } }
            struct Undone: Error {}
            try? await sender.write { tx in
                try tx.notify(channel)
                throw Undone()
            }
            try await Task.sleep(for: .milliseconds(200))
            #expect(count.withLock { $0 } == 0)
            try await sender.write { try $0.notify(channel) }
            for _ in 1...50 where count.withLock({ $0 }) == 0 { try await Task.sleep(for: .milliseconds(20)) }
            #expect(count.withLock { $0 } == 1)
            listening.cancel()
            try await sender.close()
            if engine == .postgres { try await receiver.close() }
        }
    }
}
