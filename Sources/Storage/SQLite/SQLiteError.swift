import GRDB

extension StorageError {
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
            self =
                error.resultCode == .SQLITE_BUSY
                ? .busy(message)
                : .failed(code: "SQLITE \(error.extendedResultCode.rawValue)", message: message, sql: error.sql ?? "")
        }
    }
}
