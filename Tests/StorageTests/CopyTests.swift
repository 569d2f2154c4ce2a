import Foundation
import Kernel
import Storage
import StorageTesting
import Testing

private let index = TextIndex("person_text")
private let people = Schema(
    "people",
    tables: ["person", "friendship", "note"],
    indexes: [index],
    Migration(
        "1",
        """
        CREATE TABLE person (
            id \(.id) PRIMARY KEY, name \(.text), is_open \(.bool) NOT NULL, weight \(.double), photo \(.data),
            born_at \(.date), best \(.id) REFERENCES person (id), score \(.int) NOT NULL,
            doubled \(.int) GENERATED ALWAYS AS (score * 2) STORED
        ) \(.strict)
        """,
        """
        CREATE TABLE friendship (
            a \(.id) NOT NULL REFERENCES person (id), b \(.id) NOT NULL REFERENCES person (id), PRIMARY KEY (a, b)
        ) \(.strict)
        """,
        "CREATE TABLE note (number \(.serial), text \(.text) NOT NULL) \(.strict)",
        "INSERT INTO note (text) VALUES ('from the migration')"
    ),
    index.migration
)
private let schemas = [people, AuditLog.schema, JobQueue.schema, Counters.schema]
private let log = AuditLog { fields, previous in "\(fields.joined(separator: "|"))<\(previous.hashValue % 1000)" }

private struct Person: Decodable, Equatable {
    let id: UUID
    let name: String?
    let isOpen: Bool
    let weight: Double?
    let photo: Data?
    let bornAt: Date?
    let best: UUID?
    let score: Int
    let doubled: Int
}

@Suite struct CopyTests {
    private func fill(_ database: Database) async throws {
        let ids = (0..<450).map { _ in UUID() }
        try await database.write { tx in
            for (number, id) in ids.enumerated() {
                let name = number % 7 == 0 ? nil : "é'\"\\ \(number)"
                let photo = number % 5 == 0 ? nil : Data((0..<(number % 50)).map { UInt8($0) })
                let born = Date(timeIntervalSince1970: Double(number) * 1e6 + 0.25)
                try tx.execute(
                    """
                    INSERT INTO person \(values: [
                        "id": id, "name": name, "is_open": number % 2 == 0, "weight": Double(number) / 3,
                        "photo": photo, "born_at": born, "score": number,
                    ])
                    """
                )
                try tx.execute("INSERT INTO note (text) VALUES (\("\(number)"))")
                try index.put(tx, id: id, "Amïe numéro \(number)")
                try log.record(tx, actor: "a", action: "b", subject: id.uuidString, day: "2026-11-25")
            }
            // Towards rows that come later, and in a ring.
            for (one, next) in zip(ids, ids.dropFirst() + ids.prefix(1)) {
                try tx.execute("UPDATE person SET best = \(next) WHERE id = \(one)")
                try tx.execute("INSERT INTO friendship \(values: ["a": one, "b": next])")
            }
            try tx.execute("DELETE FROM note WHERE number > 400")
            try JobQueue.enqueue(tx, "greet", payload: "{}", at: Date(timeIntervalSince1970: 0))
        }
    }

    private func persons(_ database: Database) async throws -> [Person] {
        try await database.read { try $0.all(Person.self, "SELECT * FROM person ORDER BY id") }
    }

    @Test(arguments: TestEngine.available, TestEngine.available)
    func `an installation moves as it is`(from: TestEngine, to: TestEngine) async throws {
        try await from.withDatabase(schemas) { source in
            try await fill(source)
            try await to.withOpener { open in
                let target = try await open()
                let counts = try await Database.copy(from: source, to: target, schemas: schemas)
                #expect(
                    counts == [
                        "person": 450, "friendship": 450, "note": 400, "audit_entry": 450, "audit_head": 1, "job": 1,
                        "job_schedule": 0, "rate_counter": 0,
                    ]
                )
                try await target.verify(schemas)
                let (before, after) = (try await persons(source), try await persons(target))
                #expect(before == after)
                #expect(after.count == 450)
                #expect(try await log.verify(target) == .intact(count: 450))
                let found = try await target.read {
                    try $0.values(UUID.self, "SELECT id FROM person WHERE \(index.matching("AMIE 449", in: "id"))")
                }
                #expect(found == before.filter { $0.score == 449 }.map(\.id))
                // Numbers are not given twice, not even those of rows that are gone.
                let next = try await target.write {
                    try $0.value(Int.self, "INSERT INTO note (text) VALUES ('next') RETURNING number")
                }
                #expect(next == 452)
                // References are checked again at once.
                await #expect(throws: StorageError.foreignKey) {
                    try await target.write { try $0.execute("UPDATE person SET best = \(UUID())") }
                }
                await #expect(throws: StorageError.self) {
                    try await Database.copy(from: source, to: target, schemas: schemas)
                }
                try await target.close()
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a table that no schema names stops the copy before it begins`(engine: TestEngine) async throws {
        let forgotten = Schema("forgotten", Migration("1", "CREATE TABLE forgotten (id \(.id) PRIMARY KEY) \(.strict)"))
        try await TestEngine.sqlite.withDatabase([people, forgotten]) { source in
            #expect(try await source.unnamedTables([people, forgotten]) == ["forgotten"])
            try await engine.withOpener { open in
                let target = try await open()
                await #expect(throws: StorageError.schema("no schema names forgotten")) {
                    try await Database.copy(from: source, to: target, schemas: [people, forgotten])
                }
                await #expect(throws: StorageError.self) { try await target.verify([people, forgotten]) }
                try await target.close()
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what the target refuses leaves it empty`(engine: TestEngine) async throws {
        let schema = Schema("t", tables: ["t"], Migration("1", "CREATE TABLE t (n \(.int) NOT NULL) \(.strict)"))
        try await TestEngine.sqlite.withDatabase([schema]) { source in
            try await source.write { tx in
                for number in 1...5000 { try tx.execute("INSERT INTO t (n) VALUES (\(number))") }
            }
            try await engine.withOpener { open in
                let target = try await open()
                try await target.migrate([schema])
                try await target.write { tx in
                    try tx.execute("DROP TABLE t")
                    try tx.execute("CREATE TABLE t (n \(.int) NOT NULL CONSTRAINT t_n CHECK (n < 900)) \(.strict)")
                }
                await #expect(throws: StorageError.check("t_n")) {
                    try await Database.copy(from: source, to: target, schemas: [schema])
                }
                #expect(try await target.read { try $0.value(Int.self, "SELECT count(*) FROM t") } == 0)
                try await target.close()
            }
        }
    }
}
