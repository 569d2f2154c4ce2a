import Foundation
import Storage
import StorageTesting
import Testing

let accounts = Schema(
    "accounts",
    Migration(
        "1 create account",
        """
        CREATE TABLE account (
            id \(.serial), tenant \(.int) NOT NULL, email \(.text) NOT NULL, balance \(.int) NOT NULL DEFAULT 0,
            parent \(.int) REFERENCES account (id), code \(.text),
            CONSTRAINT account_balance_positive CHECK (balance >= 0),
            UNIQUE (tenant, email)
        ) \(.strict)
        """
    )
)

struct Account: Decodable, Sendable {
    let id: Int
    let email: String
    let balance: Int
}

@Suite struct TransactionTests {
    @Test(arguments: TestEngine.available)
    func `violated constraints have the same names everywhere`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            let id = try await database.write { tx in
                try tx.value(Int.self, "INSERT INTO account \(values: ["tenant": 1, "email": "a"]) RETURNING id")!
            }
            func error(_ sql: SQL) async -> StorageError? {
                do { _ = try await database.write { try $0.execute(sql) } } catch { return error as? StorageError }
                return nil
            }
            #expect(
                await error("INSERT INTO account \(values: ["tenant": 1, "email": "a"])")
                    == .unique("account_tenant_email_key")
            )
            #expect(await error("UPDATE account SET balance = -1") == .check("account_balance_positive"))
            #expect(await error("INSERT INTO account (tenant) VALUES (1)") == .notNull("account.email"))
            #expect(await error("UPDATE account SET parent = 77 WHERE id = \(id)") == .foreignKey)
            #expect(
                await error(
                    "INSERT INTO migration \(values: ["name": "accounts.1 create account", "applied_at": 0, "text": ""])"
                )
                    == .unique("migration_pkey")
            )
            #expect("\(await error("SELEKT"), default: "none")".hasPrefix("failed"))
            #expect(try await database.read { try $0.value(Int.self, "SELECT count(*) FROM account") } == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a swallowed error is not committed, a savepoint survives it`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            let twice: SQL = "INSERT INTO account \(values: ["tenant": 1, "email": "a"])"
            await #expect(throws: StorageError.unique("account_tenant_email_key")) {
                try await database.write { tx in
                    try tx.execute(twice)
                    _ = try? tx.execute(twice)
                }
            }
            #expect(try await database.read { try $0.value(Int.self, "SELECT count(*) FROM account") } == 0)
            try await database.write { tx in
                try tx.execute(twice)
                #expect(throws: StorageError.unique("account_tenant_email_key")) {
                    try tx.savepoint { _ = try tx.execute(twice) }
                }
                try tx.execute("INSERT INTO account \(values: ["tenant": 2, "email": "a"])")
            }
            #expect(try await database.read { try $0.value(Int.self, "SELECT count(*) FROM account") } == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `reading cannot write and sees one state`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            await #expect(throws: StorageError.self) {
                try await database.read {
                    _ = try $0.one(
                        Account.self,
                        "INSERT INTO account \(values: ["tenant": 1, "email": "a"]) RETURNING *"
                    )
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `rows stream, and breaking off leaves the connection usable`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            struct Number: Decodable { let n: Int }
            struct Stop: Error {}
            let numbers: SQL = """
                WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < \(50_000))
                SELECT n FROM numbers
                """
            let sum = try await database.read { tx in
                var sum = 0
                try tx.each(Number.self, numbers) { sum += $0.n }
                return sum
            }
            #expect(sum == 1_250_025_000)
            await #expect(throws: Stop.self) {
                try await database.read { try $0.each(Number.self, numbers) { if $0.n == 10 { throw Stop() } } }
            }
            await #expect(throws: StorageError.misuse("a statement inside of each")) {
                try await database.read { tx in
                    try tx.each(Number.self, numbers) { _ in _ = try tx.value(Int.self, "SELECT 1") }
                }
            }
            for _ in 1...8 { #expect(try await database.read { try $0.value(Int.self, "SELECT 1") } == 1) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `writers do not lose each other's changes`(engine: TestEngine) async throws {
        try await engine.withDatabase([accounts]) { database in
            try await database.write { try $0.execute("INSERT INTO account \(values: ["tenant": 1, "email": "a"])") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...40 {
                    group.addTask {
                        try await database.write { tx in
                            let balance = try tx.value(Int.self, "SELECT balance FROM account WHERE tenant = 1")!
                            try tx.execute("UPDATE account SET balance = \(balance + 1) WHERE tenant = 1")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await database.read { try $0.value(Int.self, "SELECT balance FROM account") } == 40)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a cancelled task stops its statement`(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            let task = Task {
                try await database.read {
                    try $0.value(
                        Int.self,
                        """
                        WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000000)
                        SELECT count(*) FROM numbers
                        """
                    )
                }
            }
            try await Task.sleep(for: .milliseconds(200))
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await database.read { try $0.value(Int.self, "SELECT 1") } == 1)
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `lost connections are replaced`() async throws {
        try await TestEngine.postgres.withDatabase { database in
            await #expect(throws: StorageError.self) {
                try await database.read {
                    _ = try $0.value(Bool.self, "SELECT pg_terminate_backend(pg_backend_pid())")
                }
            }
            let next = try await database.read { try $0.value(Int.self, "SELECT 1") }
            #expect(next == 1)
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `a connection that died while idle is not noticed`() async throws {
        try await TestEngine.postgres.withOpener { open in
            let killer = try await open()
            let victim = try await open()
            let before = try await victim.read { try $0.value(Int.self, "SELECT pg_backend_pid()") }!
            let killed: SQL = "SELECT pg_terminate_backend(CAST(\(before) AS INTEGER), 1000)"
            #expect(try await killer.read { try $0.value(Bool.self, killed) } == true)
            let after = try await victim.read { try $0.value(Int.self, "SELECT pg_backend_pid()") }
            #expect(after != nil && after != before)
            try await killer.close()
            try await victim.close()
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table that changed under a running server is seen as it is`(engine: TestEngine) async throws {
        try await engine.withOpener { open in
            let running = try await open()
            let newer = try await open()
            try await newer.write { tx in
                try tx.execute("CREATE TABLE a (gone \(.text), email \(.text), id \(.int), balance \(.int)) \(.strict)")
                try tx.execute("INSERT INTO a VALUES ('gone', 'a', 1, 2)")
            }
            let all: SQL = "SELECT * FROM a"
            for _ in 1...3 { #expect(try await running.read { try $0.one(Account.self, all)?.email } == "a") }
            _ = try await running.write { try $0.one(Account.self, all)?.email }
            try await newer.write { try $0.execute("ALTER TABLE a DROP COLUMN gone") }
            for _ in 1...3 { #expect(try await running.read { try $0.one(Account.self, all)?.email } == "a") }
            #expect(try await running.write { try $0.one(Account.self, all)?.email } == "a")
            try await running.close()
            try await newer.close()
        }
    }

    @Test func `acknowledged is on disk`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).sqlite").path
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) } }
        let database = try await Database.open(.sqlite(path))
        let level = try await database.write { try $0.value(Int.self, "PRAGMA synchronous") }
        #expect(level == 2)
        try await database.close()
    }
}
