import Foundation
import Storage
import StorageTesting
import Testing

/// The SQL we allow ourselves, and the differences we know. A new trick is added here before it is used.
@Suite struct CommonSQLTests {
    private let words = Schema(
        "words",
        Migration(
            "1",
            """
            CREATE TABLE word (
                word \(.text) PRIMARY KEY, rank \(.int), flag \(.bool) NOT NULL DEFAULT FALSE,
                length \(.int) GENERATED ALWAYS AS (length(word)) STORED
            ) \(.strict)
            """,
            "CREATE INDEX word_folded ON word ((lower(word)))",
            "CREATE UNIQUE INDEX word_rank_key ON word (rank) WHERE rank IS NOT NULL"
        )
    )

    @Test(arguments: TestEngine.available)
    func `the common subset means the same`(engine: TestEngine) async throws {
        try await engine.withDatabase([words]) { database in
            try await database.write { tx in
                for (rank, word) in [(1, "b"), (nil, "a"), (2, "B"), (nil, "é"), (3, "a_b")] as [(Int?, String)] {
                    try tx.execute("INSERT INTO word (word, rank) VALUES (\(word), \(rank))")
                }
                // Upsert: the old value needs the table's name in PostgreSQL, and both accept it.
                let rank = try tx.value(
                    Int.self,
                    """
                    INSERT INTO word (word, rank) VALUES ('b', 10)
                    ON CONFLICT (word) DO UPDATE SET rank = word.rank + excluded.rank RETURNING rank
                    """
                )
                #expect(rank == 11)
                let kept = try tx.execute("INSERT INTO word (word) VALUES ('b') ON CONFLICT DO NOTHING")
                #expect(kept == 0)
                #expect(try tx.execute("UPDATE word SET flag = TRUE WHERE word IN ('a', 'b', 'none')") == 2)
            }
            func list(_ sql: SQL) async throws -> [String] {
                try await database.read { try $0.values(String.self, sql) }
            }
            func number(_ sql: SQL) async throws -> Int? { try await database.read { try $0.value(Int.self, sql) } }
            #expect(try await list("SELECT word FROM word ORDER BY word") == ["B", "a", "a_b", "b", "é"])
            #expect(try await list("SELECT word FROM word WHERE word LIKE 'b%'") == ["b"])
            #expect(try await list(#"SELECT word FROM word WHERE word LIKE 'a\_%' ESCAPE '\'"#) == ["a_b"])
            #expect(
                try await list("SELECT word FROM word ORDER BY rank NULLS LAST, word") == ["B", "a_b", "b", "a", "é"]
            )
            #expect(
                try await list("SELECT word FROM word ORDER BY rank DESC NULLS LAST, word LIMIT 2 OFFSET 1") == [
                    "a_b", "B",
                ]
            )
            #expect(
                try await list("SELECT word FROM word WHERE (rank, word) > (2, 'B') ORDER BY rank") == ["a_b", "b"]
            )
            #expect(
                try await list("SELECT word FROM word WHERE rank IS NOT DISTINCT FROM \(Int?.none) ORDER BY word") == [
                    "a", "é",
                ]
            )
            #expect(try await number("SELECT count(*) FILTER (WHERE flag) FROM word") == 2)
            #expect(try await number("SELECT sum(rank) FROM word") == 16)
            #expect(try await number("SELECT sum(length) FROM word WHERE flag") == 2)
            #expect(try await number("SELECT length FROM word WHERE word = 'é'") == 1)
            #expect(try await number("SELECT -7 / 2") == -3)
            #expect(try await number("SELECT -7 % 2") == -1)
            #expect(try await list("SELECT 'a' || \(1)") == ["a1"])
            #expect(try await number("SELECT 1 AS \"Quoted\"") == 1)
            let average = try await database.read { try $0.value(Double.self, "SELECT avg(rank) FROM word") }
            #expect(abs(average! - 16.0 / 3) < 1e-9)
            let sums = try await database.read {
                try $0.value(Double.self, "WITH t (v) AS (VALUES (0.25), (-12345678.5), (0.0001)) SELECT sum(v) FROM t")
            }
            #expect(abs(sums! + 12345678.2499) < 1e-6)
        }
    }
}
