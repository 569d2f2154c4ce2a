import Foundation
import Storage
import StorageTesting
import Testing

@Suite struct SchemaTests {
    private let first = Schema("a", Migration("1", "CREATE TABLE a (id \(.id) PRIMARY KEY) \(.strict)"))
    private let second = Schema(
        "a",
        Migration("1", "CREATE TABLE a (id \(.id) PRIMARY KEY) \(.strict)"),
        Migration("2", "ALTER TABLE a ADD COLUMN note \(.text)", "CREATE INDEX a_note ON a (note)")
    )

    @Test(arguments: TestEngine.available)
    func `migrations run once, and other versions are refused`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let database = try await open()
            await #expect(throws: StorageError.self) { try await database.verify([first]) }
            #expect(try await database.migrate([first]) == ["a.1"])
            #expect(try await database.migrate([first]) == [])
            await #expect(throws: StorageError.schema("not migrated: a.2")) { try await database.verify([second]) }
            #expect(try await database.migrate([second]) == ["a.2"])
            await #expect(throws: StorageError.schema("unknown: a.2")) { try await database.verify([first]) }
            let edited = Schema("a", Migration("1", "CREATE TABLE a (id \(.int)) \(.strict)"))
            await #expect(throws: StorageError.schema("edited: a.1")) { try await database.migrate([edited]) }
            try await database.close()
        }
    }

    @Test(arguments: TestEngine.available)
    func `a migration that fails leaves nothing behind`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let database = try await open()
            let broken = Schema("b", Migration("1", "CREATE TABLE b (id \(.id))", "CREATE TABLE b (id \(.id))"))
            await #expect(throws: StorageError.self) { try await database.migrate([broken]) }
            let fixed = Schema("b", Migration("1", "CREATE TABLE b (id \(.id))"))
            #expect(try await database.migrate([fixed]) == ["b.1"])
            try await database.close()
        }
    }

    @Test(arguments: TestEngine.available)
    func `servers that start together migrate once`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 1...4 {
                    group.addTask {
                        let database = try await open()
                        let applied = try await database.migrate([second, JobQueue.schema])
                        try await database.close()
                        return applied
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == ["a.1", "a.2", "jobs.1 create job"])
        }
    }
}
