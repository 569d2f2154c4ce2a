import Foundation
import Storage
import StorageTesting
import Testing

private enum Category: String, Codable, Storable { case phishing, fraud }

private struct Everything: Decodable, Equatable {
    let id: UUID
    let anInt: Int
    let aDouble: Double
    let text: String
    let data: Data
    let flag: Bool
    let receivedAt: Date
    let category: Category
    let note: String?
    let count: Int?
    @JSON var answers: [String: [Int]]

    static func == (a: Self, b: Self) -> Bool {
        a.id == b.id && a.anInt == b.anInt && a.aDouble == b.aDouble && a.text == b.text && a.data == b.data
            && a.flag == b.flag && a.receivedAt == b.receivedAt && a.category == b.category && a.note == b.note
            && a.count == b.count && a.answers == b.answers
    }
}

private let schema = Schema(
    "test",
    Migration(
        "1",
        """
        CREATE TABLE everything (
            id \(.id) PRIMARY KEY, an_int \(.int) NOT NULL, a_double \(.double) NOT NULL, text \(.text) NOT NULL,
            data \(.data) NOT NULL, flag \(.bool) NOT NULL, received_at \(.date) NOT NULL,
            category \(.text) NOT NULL, note \(.text), count \(.int), answers \(.json) NOT NULL
        ) \(.strict)
        """
    )
)

@Suite struct ValueTests {
    @Test func `all engines that are required are there`() {
        #expect(TestEngine.available.count >= TestEngine.required)
    }

    @Test(arguments: TestEngine.available)
    func `a value comes back as it was`(engine: TestEngine) async throws {
        try await engine.withDatabase([schema]) { database in
            let id = UUID()
            let date = Date(timeIntervalSince1970: 1_790_000_000.123456)
            let note: String? = nil
            let answers = ["q1": [1, 2], "q2": []]
            try await database.write { tx in
                let changed = try tx.execute(
                    """
                    INSERT INTO everything \(values: [
                        "id": id, "an_int": Int.min, "a_double": 0.1, "text": "it's “é” 🙂 ?$1\\", "data": Data([0, 255]),
                        "flag": true, "received_at": date, "category": Category.fraud, "note": note,
                        "count": 3, "answers": JSON(answers),
                    ])
                    """
                )
                #expect(changed == 1)
            }
            let row = try #require(
                try await database.read { try $0.one(Everything.self, "SELECT * FROM everything WHERE flag") }
            )
            #expect(
                row
                    == Everything(
                        id: id,
                        anInt: .min,
                        aDouble: 0.1,
                        text: "it's “é” 🙂 ?$1\\",
                        data: Data([0, 255]),
                        flag: true,
                        receivedAt: date,
                        category: .fraud,
                        note: nil,
                        count: 3,
                        answers: answers
                    )
            )
            #expect(abs(row.receivedAt.timeIntervalSince(date)) < 1e-6)
        }
    }

    @Test(arguments: TestEngine.available)
    func `nothing is typed, lists may be empty, not a number is nothing`(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            let none: Int? = nil
            let numbers = try await database.read { tx in
                try [
                    tx.value(Int.self, "SELECT 1 WHERE \(none) IS NULL OR 2 = \(none)"),
                    tx.value(Int.self, "SELECT 1 WHERE 2 IN \(list: [1, 2, 3])"),
                    tx.value(Int.self, "SELECT 1 WHERE 2 IN \(list: [Int]())"),
                    tx.value(Int.self, "SELECT 1 WHERE 2 NOT IN \(list: [Int]())"),
                    tx.value(Int.self, "SELECT 1 WHERE \(Double.nan) IS NULL"),
                ]
            }
            #expect(numbers == [1, 1, nil, 1, 1])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a row that does not fit is explained`(engine: TestEngine) async throws {
        struct Wrong: Decodable { let id: Int }
        struct Missing: Decodable { let receivedAt: Date? }
        struct Unknown: Decodable { let category: Category }
        try await engine.withDatabase { database in
            func message<T: Decodable & SendableMetatype>(_ type: T.Type, _ sql: SQL) async -> String {
                let reading = Task { try await database.read { try $0.one(type, sql) == nil } }
                return "\(await reading.result)"
            }
            #expect(await message(Wrong.self, "SELECT 'x' AS id").contains("column id holds "))
            #expect(await message(Wrong.self, "SELECT CAST(NULL AS BIGINT) AS id").contains("holds NULL, expected Int"))
            #expect(
                await message(Missing.self, "SELECT 1 AS received").contains("no column received_at, only received")
            )
            #expect(await message(Unknown.self, "SELECT 'x' AS category").contains("expected Category"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a text with a zero byte is refused`(engine: TestEngine) async throws {
        try await engine.withDatabase { database in
            await #expect(throws: StorageError.misuse("a zero byte in a text")) {
                try await database.read { _ = try $0.value(String.self, "SELECT \("a\0b")") }
            }
        }
    }
}
