import GRDB

extension StorageError {
    /// An input or output error, or a file that is not what it was.
    var isDamage: Bool {
        guard case .failed(let code, _, _) = self, code.hasPrefix("SQLITE "), let code = Int32(code.dropFirst(7)) else {
            return false
        }
        return [ResultCode.SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_NOTADB].contains { $0.rawValue == code & 0xff }
    }

    init(_ error: DatabaseError) {
        let message = error.message ?? ""
        // "UNIQUE constraint failed: account.tenant, account.email"
        let columns = (message.split(separator: ": ").last ?? "").split(separator: ", ").map(String.init)
        let table = columns.first?.split(separator: ".").first.map(String.init) ?? ""
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE where columns.first?.hasPrefix("index ") == true:
            self = .unique(String(columns[0].dropFirst(7).dropLast()))
        case .SQLITE_CONSTRAINT_UNIQUE:
            let names = columns.map { $0.split(separator: ".").last ?? "" }
            self = .unique("\(table)_\(names.joined(separator: "_"))_key")
        case .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID: self = .unique("\(table)_pkey")
        case .SQLITE_CONSTRAINT_CHECK: self = .check(columns.first ?? "")
        case .SQLITE_CONSTRAINT_NOTNULL: self = .notNull(columns.first ?? "")
        case .SQLITE_CONSTRAINT_FOREIGNKEY: self = .foreignKey
        default:
            let code = "SQLITE \(error.extendedResultCode.rawValue)"
            switch error.resultCode {
            case .SQLITE_BUSY: self = .busy(message)
            case .SQLITE_FULL, .SQLITE_CANTOPEN, .SQLITE_READONLY: self = .unavailable("\(code): \(message)")
            default: self = .failed(code: code, message: message, sql: error.sql ?? "")
            }
        }
    }
}
