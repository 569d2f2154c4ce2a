import GRDB
import GRDBSQLite

final class SQLiteSession: Session {
    let dialect = SQL.Dialect.sqlite
    private(set) var channels: Set<Channel> = []
    private let db: GRDB.Database

    init(_ db: GRDB.Database) { self.db = db }

    func execute(_ statement: SQL.Statement) throws -> Int {
        try self.prepared(statement) { prepared in
            try prepared.execute()
            return prepared.isReadonly ? 0 : self.db.changesCount
        }
    }

    func query(_ statement: SQL.Statement, streaming: Bool, _ row: (any Cells) throws -> Void) throws {
        try self.prepared(statement) { prepared in
            let cells = SQLiteCells(prepared.sqliteStatement)
            let cursor = try Row.fetchCursor(prepared)
            while try cursor.next() != nil { try row(cells) }
        }
    }

    func notify(_ channel: Channel) { self.channels.insert(channel) }

    /// There is one writer: it is always its turn.
    func takeTurn(_: String) {}

    private func prepared<T>(_ statement: SQL.Statement, _ body: (Statement) throws -> T) throws -> T {
        do {
            let prepared =
                statement.isOneOff
                ? try self.db.makeStatement(sql: statement.text) : try self.db.cachedStatement(sql: statement.text)
            prepared.setUncheckedArguments(StatementArguments(statement.values.map(\.databaseValue)))
            return try body(prepared)
        } catch let error as DatabaseError {
            throw StorageError(error)
        }
    }
}

extension SQL.Value {
    fileprivate var databaseValue: DatabaseValue {
        switch self {
        case .int(let value): value.databaseValue
        case .double(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .data(let value): value.databaseValue
        case .bool(let value): value.databaseValue
        case .null: .null
        }
    }
}
