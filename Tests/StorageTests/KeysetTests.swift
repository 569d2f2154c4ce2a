import Foundation
import Storage
import StorageTesting
import Testing

@Suite struct KeysetTests {
    private struct Row: Decodable, Sendable { let id: String }

    private let schema = Schema(
        "items",
        Migration(
            "1",
            "CREATE TABLE item (id \(.id) PRIMARY KEY, day \(.int) NOT NULL, is_open \(.bool) NOT NULL) \(.strict)"
        )
    )

    @Test(arguments: TestEngine.available, [true, false])
    func `pages follow each other while rows come and go`(engine: TestEngine, descending: Bool) async throws {
        try await engine.withDatabase([schema]) { database in
            try await database.write { tx in
                for number in 0..<25 {
                    let id = String(UnicodeScalar(UInt8(ascii: "a") + UInt8(number)))
                    try tx.execute("INSERT INTO item \(values: ["id": id, "day": number / 10, "is_open": number != 7])")
                }
            }
            let keyset = Keyset(["day": Int.self, "id": String.self], descending: descending)
            var pages: [String] = []
            var cursor: String?
            repeat {
                let page = try await database.read { [cursor] tx in
                    try tx.page(
                        Row.self,
                        "SELECT id, day FROM item WHERE is_open",
                        by: keyset,
                        after: cursor,
                        limit: 8
                    )
                }
                pages.append(page.rows.map(\.id).joined())
                cursor = page.next
                // Before the place that was reached: it moves nothing.
                let id = descending ? "zz\(pages.count)" : "0\(pages.count)"
                try await database.write {
                    try $0.execute("INSERT INTO item \(values: ["id": id, "day": descending ? 9 : 0, "is_open": true])")
                }
            } while cursor != nil
            let down = ["yxwvutsr", "qponmlkj", "igfedcba"], up = ["abcdefgi", "jklmnopq", "rstuvwxy"]
            #expect(pages == (descending ? down : up))
        }
    }

    @Test(arguments: TestEngine.available, ["", "x", "W10", "WyJ4IiwieSJd", "WyIxIiwiYVx1MDAwMCJd", "' OR 1=1 --"])
    func `a cursor from outside is the first page`(engine: TestEngine, cursor: String) async throws {
        try await engine.withDatabase([schema]) { database in
            try await database.write { tx in
                for id in ["b", "a"] {
                    try tx.execute("INSERT INTO item \(values: ["id": id, "day": 1, "is_open": true])")
                }
            }
            let page = try await database.read { tx in
                try tx.page(
                    Row.self,
                    "SELECT id, day FROM item",
                    by: Keyset(["day": Int.self, "id": String.self]),
                    after: cursor,
                    limit: 2
                )
            }
            #expect(page.rows.map(\.id) == ["a", "b"])
            #expect(page.next == nil)
        }
    }
}
