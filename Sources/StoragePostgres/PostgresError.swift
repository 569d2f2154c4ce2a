import CPostgres
import Storage

struct PostgresError {
    let state: String
    let message: String
    private let constraint: String
    private let table: String
    private let column: String
    private let sql: String

    /// `nil` when the result is a success.
    init?(_ result: OpaquePointer, _ sql: String) {
        switch PQresultStatus(result) {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY: return nil
        default: break
        }
        func field(_ code: Int) -> String { PQresultErrorField(result, Int32(code)).map { String(cString: $0) } ?? "" }
        self.state = field(FIELD_SQLSTATE)
        self.message = field(FIELD_MESSAGE)
        self.constraint = field(FIELD_CONSTRAINT)
        self.table = field(FIELD_TABLE)
        self.column = field(FIELD_COLUMN)
        self.sql = sql
    }

    var translated: any Error {
        switch self.state {
        case "23505": StorageError.unique(self.constraint)
        case "23514": StorageError.check(self.constraint)
        case "23502": StorageError.notNull("\(self.table).\(self.column)")
        case "23503": StorageError.foreignKey
        case "40001", "40P01": Conflict(message: self.message)
        case "55P03": StorageError.busy(self.message)
        case "57014": CancellationError()
        // No disk, no memory, no connection left, or the server stops.
        case let state where state.hasPrefix("53") || state.hasPrefix("57P"): StorageError.unavailable(self.message)
        default: StorageError.failed(code: self.state, message: self.message, sql: self.sql)
        }
    }
}
