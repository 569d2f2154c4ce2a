import Foundation
import Kernel
import Storage
import StorageTesting
import Synchronization
import Testing

@Suite struct HardeningTests {
    @Test func `SQLite runs with what we promise`() async throws {
        try await TestEngine.withFolder { folder in
            let database = try await Database.open(.sqlite("\(folder)/a.sqlite"))
            let health = try await database.health()
            #expect(health["engine"] == "SQLite")
            #expect(health["version"]?.hasPrefix("3.") == true)
            let promised = [
                "journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "secure_delete": "1",
                "cell_size_check": "1", "mmap_size": "0", "busy_timeout": "5000", "trusted_schema": "1",
                "wal_autocheckpoint": "1000",
            ]
            for (name, value) in promised { #expect(health[name] == value, "\(name)") }
            // Every connection that reads has them as well.
            try await withThrowingTaskGroup(of: Int?.self) { group in
                for _ in 1...8 {
                    group.addTask { try await database.read { try $0.value(Int.self, "PRAGMA cell_size_check") } }
                }
                for try await value in group { #expect(value == 1) }
            }
            try await database.close()
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `PostgreSQL runs with what we promise`() async throws {
        try await TestEngine.postgres.withDatabase { database in
            let health = try await database.health()
            let promised = [
                "engine": "PostgreSQL", "fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
                "server_encoding": "UTF8", "connection": "not encrypted",
            ]
            for (name, value) in promised { #expect(health[name] == value, "\(name)") }
            #expect(health["version"] != nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a copy is taken while others write`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            try await TestEngine.withFolder { folder in
                let path = "\(folder)/copy.sqlite"
                guard engine == .sqlite else {
                    await #expect(throws: StorageError.misuse("a PostgreSQL database is saved by pg_dump")) {
                        try await database.backup(to: path)
                    }
                    try await database.checkpoint()
                    return
                }
                let writing = Task {
                    var number = 0
                    while !Task.isCancelled {
                        number += 1
                        try await database.write { [number] tx in
                            // Two rows or none.
                            for tenant in [number, -number] {
                                try tx.execute("INSERT INTO account \(values: ["tenant": tenant, "email": "a"])")
                            }
                        }
                    }
                }
                try await Task.sleep(for: .milliseconds(50))
                try await database.backup(to: path)
                try await database.checkpoint()
                try await Task.sleep(for: .milliseconds(20))
                writing.cancel()
                _ = await writing.result
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
                await #expect(throws: StorageError.self) { try await database.backup(to: path) }
                let copy = try await Database.open(.sqlite(path))
                try await copy.verify([accounts])
                let (all, sum, integrity) = try await copy.read { tx in
                    try (
                        tx.value(Int.self, "SELECT count(*) FROM account")!,
                        tx.value(Int.self, "SELECT sum(tenant) FROM account")!,
                        tx.value(String.self, "PRAGMA integrity_check")!
                    )
                }
                #expect(all > 0 && all % 2 == 0)
                #expect(sum == 0)
                #expect(integrity == "ok")
                try await copy.close()
            }
        }
    }

    @Test func `a folder has one server at a time`() async throws {
        try await TestEngine.withFolder { folder in
            let data = "\(folder)/data"
            do {
                let lock = try DataFolderLock(data)
                let process = ProcessInfo.processInfo.processIdentifier
                let refusal = StorageError.busy("\(data) is in use by process \(process); only one may run on it")
                #expect(throws: refusal) { try DataFolderLock(data) }
                #expect(throws: refusal) { try DataFolderLock(data) }
                withExtendedLifetime(lock) {}
            }
            let next = try DataFolderLock(data)
            withExtendedLifetime(next) {}
            #expect(throws: StorageError.self) { try DataFolderLock("\(folder)/none/data") }
        }
    }

    @Test func `a closure that cannot stand to run twice is found on SQLite too`() async throws {
        try await TestEngine.sqlite.withDatabase([accounts]) { database in
            let insert: SQL = "INSERT INTO account \(values: ["tenant": 1, "email": "a"]) RETURNING id"
            let id = try await database.write { try $0.value(Int.self, insert) }
            #expect(id == 1)
            #expect(try await database.read { try $0.value(Int.self, "SELECT count(*) FROM account") } == 1)
            struct Used: Error {}
            let ticket = Mutex<String?>("the only one")
            await #expect(throws: Used.self) {
                try await database.write { tx in
                    guard let email = ticket.withLock({ $0.take() }) else { throw Used() }
                    try tx.execute("INSERT INTO account \(values: ["tenant": 2, "email": email])")
                }
            }
        }
    }

    @Test func `a file that is not a database is refused, one that was damaged stops the server`() async throws {
        try await TestEngine.withFolder { folder in
            try Data(repeating: 7, count: 8192).write(to: URL(fileURLWithPath: "\(folder)/a.sqlite"))
            await #expect(throws: StorageError.self) { try await Database.open(.sqlite("\(folder)/a.sqlite")) }
            await #expect(throws: StorageError.self) { try await Database.open(.sqlite("\(folder)/none/a.sqlite")) }

            let path = "\(folder)/b.sqlite"
            let database = try await Database.open(.sqlite(path))
            #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
            try await database.migrate([accounts])
            try await database.write { tx in
                for tenant in 1...2000 {
                    try tx.execute("INSERT INTO account \(values: ["tenant": tenant, "email": "a"])")
                }
            }
            try await database.checkpoint()
            try await database.close()
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.seek(toOffset: 4096)
            try file.write(contentsOf: Data(repeating: 0xff, count: 60_000))
            try file.close()

            let damaged = try await Database.open(.sqlite(path))
            let refusal = StorageError.unavailable("the disk failed or the file is damaged: restart the server")
            await #expect(throws: refusal) {
                try await damaged.read { _ = try $0.all(Account.self, "SELECT * FROM account") }
            }
            await #expect(throws: refusal) { try await damaged.write { _ = try $0.value(Int.self, "SELECT 1") } }
            await #expect(throws: refusal) { try await damaged.health() }
            try? await damaged.close()
        }
    }

    @Test(arguments: TestEngine.available)
    func `our identifiers and days are columns`(engine: TestEngine) async throws {
        enum Thing {}
        struct Row: Decodable, Sendable {
            let id: Identifier<Thing>
            let day: Day
            let other: Identifier<Thing>?
        }
        try await engine.withDatabase { database in
            let id = Identifier<Thing>.random()
            let day = Day(rawValue: "2026-11-25")!
            let none: Identifier<Thing>? = nil
            let row = try await database.read { tx in
                try tx.one(Row.self, "SELECT \(id) AS id, \(day) AS day, \(none) AS other")
            }
            #expect(row?.id == id && row?.day == day && row?.other == nil)
            let text = try await database.read { try $0.value(String.self, "SELECT \(id)") }
            #expect(text == id.description)
        }
    }
}
