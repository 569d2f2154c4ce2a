import Foundation
import Storage

/// Everything a thief of the database reads.
package struct Dump: Sendable {
    package struct Cell: Sendable {
        package let table: String
        package let column: String
        package let isBinary: Bool
        package let bytes: Data

        /// What stands there, if it is text or a number.
        package var text: String { self.isBinary ? "" : String(decoding: self.bytes, as: UTF8.self) }
    }

    package let cells: [Cell]
    /// SQLite's file and log; empty on PostgreSQL.
    package let files: Data

    private struct Column: Decodable {
        let tableName: String
        let columnName: String
        let kind: String
    }

    package init(_ database: Database) async throws {
        self.cells = try await database.read { tx in
            let columns = try tx.all(
                Column.self,
                """
                \(
                    sqlite: #"""
                        SELECT t.name AS table_name, i.name AS column_name, i.type AS kind
                        FROM pragma_table_list AS t JOIN pragma_table_xinfo(t.name) AS i
                        WHERE t.type = 'table' AND t.schema = 'main' AND t.name NOT LIKE 'sqlite\_%' ESCAPE '\'
                        ORDER BY t.name, i.cid
                        """#,
                    postgres: """
                        SELECT CAST(table_name AS TEXT) AS table_name, CAST(column_name AS TEXT) AS column_name,
                            CAST(data_type AS TEXT) AS kind
                        FROM information_schema.columns WHERE table_schema = current_schema()
                        ORDER BY table_name, ordinal_position
                        """
                )
                """
            )
            return try columns.flatMap { column in
                let isBinary = ["BLOB", "bytea"].contains(column.kind)
                let name = column.columnName
                let hex: SQL =
                    isBinary
                    ? "\(sqlite: "hex(\(raw: name))", postgres: "encode(\(raw: name), 'hex')")"
                    : """
                    \(
                        sqlite: "hex(CAST(\(raw: name) AS TEXT))",
                        postgres: "encode(convert_to(CAST(\(raw: name) AS TEXT), 'UTF8'), 'hex')"
                    )
                    """
                return try tx.values(
                    String.self,
                    "SELECT \(hex) FROM \(raw: column.tableName) WHERE \(raw: name) IS NOT NULL"
                ).map {
                    Cell(table: column.tableName, column: name, isBinary: isBinary, bytes: Self.bytes($0))
                }
            }
        }
        var files = Data()
        if database.dialect == .sqlite {
            let path = try await database.read {
                try $0.value(String.self, "SELECT file FROM pragma_database_list WHERE name = 'main'")
            }
            for ending in ["", "-wal"] {
                files += FileManager.default.contents(atPath: (path ?? "") + ending) ?? Data()
            }
        }
        self.files = files
    }

    /// Whether this text can be read anywhere, as it is, in hexadecimal or in base64.
    package func holds(_ text: String) -> Bool { self.holds(Data(text.utf8)) }

    package func holds(_ bytes: Data) -> Bool {
        let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let forms = [bytes, Data(hex.utf8), Data(hex.uppercased().utf8), Data(bytes.base64EncodedString().utf8)]
        return forms.contains { form in
            self.files.range(of: form) != nil || self.cells.contains { $0.bytes.range(of: form) != nil }
        }
    }

    private static func bytes(_ hex: String) -> Data {
        let digits = Array(hex.utf8)
        func value(_ digit: UInt8) -> UInt8 { digit < 58 ? digit - 48 : (digit | 32) - 87 }
        return Data(
            stride(from: 0, to: digits.count - 1, by: 2).map { value(digits[$0]) << 4 | value(digits[$0 + 1]) }
        )
    }
}
