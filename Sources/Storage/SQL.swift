import FoundationEssentials

/// A statement, or a part of one. What is interpolated is bound, never concatenated; another `SQL` is inserted.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    /// The two languages.
    package enum Dialect: Sendable { case sqlite, postgres }

    enum Part: Sendable {
        case text(String)
        case value(Value)
        case either(sqlite: SQL, postgres: SQL)
    }

    private(set) var parts: [Part]
    /// Its text depends on a number of values, so keeping the prepared statement would only fill the cache.
    private(set) var isOneOff = false

    package init(stringLiteral text: String) { self.parts = [.text(text)] }
    package init(stringInterpolation sql: Interpolation) { (self.parts, self.isOneOff) = (sql.parts, sql.isOneOff) }

    init(value: Value) { self.parts = [.value(value)] }

    /// The parts, separated: `conditions.joined(" AND ")`.
    package static func joined(_ parts: [SQL], _ separator: String) -> SQL {
        var sql = Interpolation()
        for (index, part) in parts.enumerated() {
            if index > 0 { sql.appendLiteral(separator) }
            sql.appendInterpolation(part)
        }
        return SQL(stringInterpolation: sql)
    }

    /// What a literal is made of.
    package struct Interpolation: StringInterpolationProtocol {
        var parts: [Part] = []
        var isOneOff = false

        package init(literalCapacity: Int, interpolationCount: Int) {
            self.parts.reserveCapacity(2 * interpolationCount + 1)
        }
        init() {}

        package mutating func appendLiteral(_ text: String) {
            if !text.isEmpty { self.parts.append(.text(text)) }
        }

        /// A part of another statement.
        package mutating func appendInterpolation(_ sql: SQL) {
            self.parts += sql.parts
            self.isOneOff = self.isOneOff || sql.isOneOff
        }

        /// A value, bound.
        package mutating func appendInterpolation<V: Storable>(_ value: V) {
            self.parts.append(.value(value.stored))
        }

        /// As above; without it the compiler takes an optional for a mistake.
        package mutating func appendInterpolation<V: Storable>(_ value: V?) { self.parts.append(.value(value.stored)) }

        /// A name from our own source, never from outside.
        package mutating func appendInterpolation(raw name: String) { self.appendLiteral(name) }

        /// The only place where the text may differ between the engines.
        package mutating func appendInterpolation(sqlite: SQL = "", postgres: SQL = "") {
            self.parts.append(.either(sqlite: sqlite, postgres: postgres))
        }

        /// For `IN` and `NOT IN`. An empty list is a query without rows: `IN ()` is an error in PostgreSQL, and
        /// `NOT IN (NULL)` is never true.
        package mutating func appendInterpolation<V: Storable>(list values: [V]) {
            self.isOneOff = true
            let list = SQL.joined(values.map { "\($0)" }, ", ")
            self.appendInterpolation(values.isEmpty ? "(SELECT \(V?.none) WHERE FALSE)" : "(\(list))" as SQL)
        }

        /// `INSERT INTO report \(values: ["id": id, "summary": summary])`
        package mutating func appendInterpolation(values: KeyValuePairs<String, any Storable>) {
            self.appendLiteral("(\(values.map(\.key).joined(separator: ", "))) VALUES (")
            for (index, pair) in values.enumerated() {
                if index > 0 { self.appendLiteral(", ") }
                self.parts.append(.value(pair.value.stored))
            }
            self.appendLiteral(")")
        }

        /// A column type that means the same to both engines.
        package mutating func appendInterpolation(_ type: ColumnType) {
            self.appendInterpolation(sqlite: type.sqlite, postgres: type.postgres)
        }
    }
}

extension SQL {
    /// The text as one engine wants it, and the values in the order of their placeholders.
    package struct Statement: Sendable {
        package let text: String
        package let values: [Value]
        /// Not worth keeping prepared.
        package let isOneOff: Bool
    }

    /// Rendered.
    package func statement(for dialect: Dialect) -> Statement {
        var text = ""
        var values: [Value] = []
        self.render(dialect, &text, &values)
        return Statement(text: text, values: values, isOneOff: self.isOneOff)
    }

    private func render(_ dialect: Dialect, _ text: inout String, _ values: inout [Value]) {
        for part in self.parts {
            switch part {
            case .text(let part): text += part
            case .either(let sqlite, let postgres):
                (dialect == .sqlite ? sqlite : postgres).render(dialect, &text, &values)
            case .value(let value):
                values.append(value)
                text += dialect == .sqlite ? "?" : "$\(values.count)"
            }
        }
    }
}
