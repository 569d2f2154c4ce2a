/// One consistent view of the database. Not `Sendable`: it cannot leave the closure it was given to.
package class ReadTransaction {
    let session: any Session
    private var isStreaming = false
    /// PostgreSQL refuses everything after an error, SQLite does not; so nothing is let through on either.
    private(set) var failure: (any Error)?

    package init(_ session: any Session) { self.session = session }

    /// For the few places where the text depends on the engine beyond `\(sqlite:postgres:)`.
    package final var dialect: SQL.Dialect { self.session.dialect }

    /// All rows, in memory; for long lists see `each` and `page`.
    package func all<Row: Decodable>(_: Row.Type, _ sql: SQL) throws -> [Row] {
        var rows: [Row] = []
        try self.decode(sql) { rows.append(try Row(from: $0)) }
        return rows
    }

    /// The first row. Says nothing about there being only one.
    package func one<Row: Decodable>(_: Row.Type, _ sql: SQL) throws -> Row? {
        var row: Row?
        try self.decode(sql) { if row == nil { row = try Row(from: $0) } }
        return row
    }

    /// The first column of the first row.
    package func value<V: Storable>(_: V.Type, _ sql: SQL) throws -> V? {
        var value: V?
        try self.decode(sql) { if value == nil { value = try $0.value(V.self, at: 0) } }
        return value
    }

    /// The first column of all rows.
    package func values<V: Storable>(_: V.Type, _ sql: SQL) throws -> [V] {
        var values: [V] = []
        try self.decode(sql) { values.append(try $0.value(V.self, at: 0)) }
        return values
    }

    /// Row by row, never all in memory. The connection is occupied: no other statement until it returns.
    package func each<Row: Decodable>(_: Row.Type, _ sql: SQL, _ body: (Row) throws -> Void) throws {
        try self.decode(sql, streaming: true) { try body(try Row(from: $0)) }
    }

    final func decode(_ sql: SQL, streaming: Bool = false, _ body: (RowDecoder) throws -> Void) throws {
        var decoder: RowDecoder?
        try self.guarded {
            let statement = try self.statement(sql)
            try self.session.query(statement, streaming: streaming) { cells in
                if decoder == nil { decoder = RowDecoder(cells, sql: statement.text) }
                decoder!.next()
                self.isStreaming = streaming
                defer { self.isStreaming = false }
                try body(decoder!)
            }
        }
    }

    /// PostgreSQL has no text with a zero byte.
    final func statement(_ sql: SQL) throws -> SQL.Statement {
        let statement = sql.statement(for: self.session.dialect)
        for case .text(let text) in statement.values where text.utf8.contains(0) {
            throw StorageError.misuse("a zero byte in a text")
        }
        return statement
    }

    final func guarded<T>(_ body: () throws -> T) throws -> T {
        if self.isStreaming { throw StorageError.misuse("a statement inside of each") }
        if let failure { throw failure }
        do { return try body() } catch {
            self.failure = error
            throw error
        }
    }

    final func recover() { self.failure = nil }

    /// A swallowed error must not become a commit.
    static func run<T>(_ transaction: ReadTransaction, _ body: () throws -> T) throws -> T {
        let result = try body()
        if let failure = transaction.failure { throw failure }
        return result
    }
}

/// One change: all of it or nothing.
package final class WriteTransaction: ReadTransaction {
    /// - Returns: the number of rows that were inserted, matched by the update, or deleted.
    @discardableResult
    package func execute(_ sql: SQL) throws -> Int {
        try self.guarded { try self.session.execute(self.statement(sql)) }
    }

    /// What fails inside is undone, and the transaction goes on. The only way to survive a violated constraint.
    package func savepoint<T>(_ body: () throws -> T) throws -> T {
        try self.execute("SAVEPOINT nested")
        do {
            let result = try Self.run(self, body)
            try self.execute("RELEASE SAVEPOINT nested")
            return result
        } catch {
            // Who collided runs again as a whole.
            if error is Conflict { throw error }
            self.recover()
            try self.execute("ROLLBACK TO SAVEPOINT nested")
            try self.execute("RELEASE SAVEPOINT nested")
            throw error
        }
    }

    /// Said before changing a row that every writer changes, such as the head of a log. When somebody else is at it, this
    /// transaction is undone and run again, and then waits in the row before it holds anything: two that wait for each
    /// other are not possible.
    package func takeTurn(_ table: String) throws { try self.guarded { try self.session.takeTurn(table) } }

    /// Wakes those who wait for the channel, on all servers, if and when the transaction is committed.
    package func notify(_ channel: Channel) throws {
        try self.guarded { try self.session.notify(channel) }
    }
}
