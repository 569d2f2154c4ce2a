import FoundationEssentials

/// Pages of a list that stay right while rows come and go: a page begins after the last row of the one before, not at a
/// number of rows. The last column makes the order unique; none may be NULL.
package struct Keyset: Sendable {
    let columns: [(name: String, kind: SQL.Kind)]
    let isDescending: Bool

    /// `Keyset(["received_on": Day.self, "id": Report.ID.self], descending: true)`; an index over the same columns
    /// makes every page as fast as the first.
    package init(_ columns: KeyValuePairs<String, any Storable.Type>, descending: Bool = false) {
        self.columns = columns.map { ($0.key, $0.value.storedAs) }
        self.isDescending = descending
    }

    private var names: String { self.columns.map(\.name).joined(separator: ", ") }

    var order: SQL {
        "\(raw: self.columns.map { "\($0.name) \(self.isDescending ? "DESC" : "ASC")" }.joined(separator: ", "))"
    }

    /// Everything, when the cursor is none of ours: it comes from outside.
    func condition(after cursor: String?) -> SQL {
        guard let cursor, let values = self.values(cursor) else { return "TRUE" }
        let last = SQL.joined(values.map(SQL.init(value:)), ", ")
        return "(\(raw: self.names)) \(raw: self.isDescending ? "<" : ">") (\(last))"
    }

    func cursor(_ values: [SQL.Value]) -> String {
        let texts = values.map { value in
            switch value {
            case .int(let value): String(value)
            case .double(let value): String(value.bitPattern)
            case .text(let value): value
            case .data(let value): value.base64EncodedString()
            case .bool(let value): value ? "1" : "0"
            case .null: ""
            }
        }
        let json = (try? JSON(texts).encoded()) ?? ""
        return Data(json.utf8).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }

    private func values(_ cursor: String) -> [SQL.Value]? {
        let base64 = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padded = base64 + String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), let texts = try? JSONDecoder().decode([String].self, from: data),
            texts.count == self.columns.count
        else { return nil }
        var values: [SQL.Value] = []
        for (text, column) in zip(texts, self.columns) {
            let value: SQL.Value? =
                switch column.kind {
                case .int: Int64(text).map(SQL.Value.int)
                case .double: UInt64(text).map { .double(Double(bitPattern: $0)) }
                case .text: text.utf8.contains(0) ? nil : .text(text)
                case .data: Data(base64Encoded: text).map(SQL.Value.data)
                case .bool: text == "1" ? .bool(true) : text == "0" ? .bool(false) : nil
                }
            guard let value else { return nil }
            values.append(value)
        }
        return values
    }
}

extension ReadTransaction {
    /// - `sql`: a whole query without ORDER BY and LIMIT, whose rows have the keyset's columns.
    /// - `cursor`: what the page before gave as `next`; `nil` for the first one.
    /// - Returns: `next` is `nil` on the last page.
    package func page<Row: Decodable>(
        _: Row.Type,
        _ sql: SQL,
        by keyset: Keyset,
        after cursor: String?,
        limit: Int
    ) throws -> (rows: [Row], next: String?) {
        var rows: [Row] = []
        var last: [SQL.Value] = []
        var hasMore = false
        let page: SQL = """
            SELECT * FROM (\(sql)) AS page WHERE \(keyset.condition(after: cursor))
            ORDER BY \(keyset.order) LIMIT \(limit + 1)
            """
        try self.decode(page) { decoder in
            hasMore = rows.count == limit
            if hasMore { return }
            rows.append(try Row(from: decoder))
            if rows.count == limit {
                last = try keyset.columns.map { try decoder.stored($0.kind, named: $0.name) }
            }
        }
        return (rows, hasMore ? keyset.cursor(last) : nil)
    }
}
