import Foundation
import Kernel
import Storage
import StorageTesting
import Testing

/// Not one to use: Vault has the real one. Good enough to notice what these tests do.
private let log = AuditLog { fields, previous in
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in (fields + [previous]).flatMap({ "\($0.utf8.count):\($0)".utf8 }) {
        hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211
    }
    return String(hash, radix: 16)
}

@Suite struct AuditTests {
    private func write(_ count: Int, _ database: Database) async throws {
        for number in 1...count {
            try await database.write { tx in
                try log.record(
                    tx,
                    actor: "staff:\(number % 3)",
                    action: "case.closed",
                    subject: "case:\(number)",
                    detail: ["reason": "“\(number)”", "by": "x"],
                    day: Day(rawValue: "2026-11-25")!
                )
            }
        }
    }

    /// What somebody with the database in their hands does first.
    private func dropTriggers(_ tx: WriteTransaction) throws {
        if tx.dialect == .postgres {
            try tx.execute("DROP TRIGGER audit_entry_only_grows ON audit_entry")
        } else {
            try tx.execute("DROP TRIGGER audit_entry_not_updated")
            try tx.execute("DROP TRIGGER audit_entry_not_deleted")
        }
    }

    @Test(arguments: TestEngine.available)
    func `entries are chained and read back, newest first`(engine: TestEngine) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            #expect(try await log.verify(database) == .intact(count: 0))
            try await write(5, database)
            #expect(try await log.verify(database) == .intact(count: 5))
            let entries = try await database.read { try AuditLog.entries($0, before: 5, limit: 2) }
            #expect(entries.map(\.seq) == [4, 3])
            #expect(entries[0].details == ["reason": "“4”", "by": "x"])
            #expect(entries[0].prev == entries[1].hash)
            #expect(try await database.read { try AuditLog.entries($0, subject: "case:2") }.map(\.seq) == [2])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a hundred writers leave no gap, and what is undone leaves no number`(engine: TestEngine) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            struct Undone: Error {}
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...100 {
                    group.addTask {
                        do {
                            try await database.write { tx in
                                try log.record(tx, actor: "a", action: "b", subject: "\(number)", day: "2026-11-25")
                                if number % 10 == 0 { throw Undone() }
                            }
                        } catch is Undone {}
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await log.verify(database) == .intact(count: 90))
            #expect(try await database.read { try AuditLog.head($0)?.seq } == 90)
        }
    }

    @Test(arguments: TestEngine.available)
    func `writers who are in each other's way neither deadlock nor lose an entry`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let servers = [try await open(), engine == .postgres ? try await open() : nil].compactMap(\.self)
            try await servers[0].migrate([AuditLog.schema, accounts])
            try await servers[0].write { tx in
                for id in 1...10 { try tx.execute("INSERT INTO account \(values: ["tenant": id, "email": "a"])") }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...100 {
                    group.addTask {
                        try await servers[number % servers.count].write { tx in
                            for id in [number % 10, number * 7 % 10] {
                                try tx.execute("UPDATE account SET balance = balance + 1 WHERE tenant = \(id + 1)")
                            }
                            // Swallowing a collision does not help: the whole transaction runs again.
                            try? tx.savepoint {
                                _ = try log.record(tx, actor: "a", action: "b", subject: "c", day: "2026-11-25")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await log.verify(servers[0]) == .intact(count: 100))
            #expect(try await servers[0].read { try $0.value(Int.self, "SELECT sum(balance) FROM account") } == 200)
            for server in servers { try await server.close() }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the log only grows`(engine: TestEngine) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            try await write(3, database)
            for statement in ["UPDATE audit_entry SET actor = 'x' WHERE seq = 2", "DELETE FROM audit_entry"] as [SQL] {
                await #expect(throws: StorageError.self) { try await database.write { try $0.execute(statement) } }
            }
            #expect(try await log.verify(database) == .intact(count: 3))
        }
    }

    @Test(
        arguments: TestEngine.available,
        [
            ("UPDATE audit_entry SET detail = '{}' WHERE seq = 4", .broken(seq: 4, .altered)),
            ("UPDATE audit_entry SET actor = 'staff:9' WHERE seq = 1", .broken(seq: 1, .altered)),
            ("UPDATE audit_entry SET prev = 'ff' WHERE seq = 6", .broken(seq: 6, .altered)),
            ("UPDATE audit_entry SET hash = 'ff' WHERE seq = 10", .broken(seq: 10, .altered)),
            ("DELETE FROM audit_entry WHERE seq = 1", .broken(seq: 1, .removed)),
            ("DELETE FROM audit_entry WHERE seq IN (5, 6)", .broken(seq: 5, .removed)),
            ("DELETE FROM audit_entry WHERE seq > 7", .broken(seq: 8, .truncated)),
            ("DELETE FROM audit_entry", .broken(seq: 1, .truncated)),
            ("UPDATE audit_head SET hash = 'ff'", .broken(seq: 10, .rewritten)),
            ("UPDATE audit_head SET seq = 9", .broken(seq: 10, .rewritten)),
            ("UPDATE audit_head SET seq = 11", .broken(seq: 11, .truncated)),
            ("DELETE FROM audit_head", .broken(seq: 1, .rewritten)),
        ] as [(SQL, AuditLog.Verdict)]
    )
    func `tampering is found and named`(engine: TestEngine, attack: (SQL, AuditLog.Verdict)) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            try await write(10, database)
            try await database.write { tx in
                try dropTriggers(tx)
                try tx.execute(attack.0)
            }
            #expect(try await log.verify(database) == attack.1)
        }
    }

    @Test(arguments: TestEngine.available, [(3, 4), (2, 9), (9, 10), (1, 10)])
    func `entries that changed places are found`(engine: TestEngine, pair: (Int, Int)) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            try await write(10, database)
            try await database.write { tx in
                try dropTriggers(tx)
                for (from, to) in [(pair.0, 99), (pair.1, pair.0), (99, pair.1)] {
                    try tx.execute("UPDATE audit_entry SET seq = \(to) WHERE seq = \(from)")
                }
            }
            #expect(try await log.verify(database) == .broken(seq: pair.0, .reordered))
        }
    }

    @Test(arguments: TestEngine.available)
    func `whoever writes the chain anew is found by a witness only`(engine: TestEngine) async throws {
        try await engine.withDatabase([AuditLog.schema]) { database in
            try await write(6, database)
            let witness = try #require(try await database.read { try AuditLog.head($0) })
            try await database.write { tx in
                try dropTriggers(tx)
                try tx.execute("DELETE FROM audit_entry WHERE seq > 4")
                let hash = try tx.value(String.self, "SELECT hash FROM audit_entry WHERE seq = 4")!
                try tx.execute("UPDATE audit_head SET seq = 4, hash = \(hash)")
            }
            #expect(try await log.verify(database) == .intact(count: 4))
            #expect(try await log.verify(database, witnesses: [witness]) == .broken(seq: 5, .truncated))
            for subject in ["other", "things", "happened"] {
                try await database.write { tx in
                    try log.record(tx, actor: "a", action: "b", subject: subject, day: "2026-11-26")
                }
            }
            #expect(try await log.verify(database) == .intact(count: 7))
            #expect(try await log.verify(database, witnesses: [witness]) == .broken(seq: 6, .rewritten))
        }
    }
}
