import Kernel

/// What can go wrong in the storage, the same on every engine.
package enum StorageError: Error, Equatable, Sendable {
    /// By PostgreSQL's naming: `account_email_key` (table, columns), `account_pkey`. Name unique indexes that way.
    case unique(String)
    /// The name of the constraint. Unnamed ones differ between the engines.
    case check(String)
    /// `table.column`
    case notNull(String)
    /// SQLite does not say which one.
    case foreignKey
    /// Others were in the way for too long. Trying again later is reasonable.
    case busy(String)
    /// The database cannot be reached, and nothing was changed.
    case unavailable(String)
    /// The connection broke during the commit: it happened or it did not.
    case outcomeUnknown(String)
    /// A row is not what the code expects.
    case row(String)
    /// The schema and the program are not of the same version.
    case schema(String)
    /// The transaction used its connection in a way that only works on one engine.
    case misuse(String)
    /// Everything else; `code` is the engine's.
    case failed(code: String, message: String, sql: String)
}

extension StorageError: TransientError {
    package var isTransient: Bool {
        switch self {
        case .busy, .unavailable, .outcomeUnknown: true
        default: false
        }
    }
}

/// Thrown inside an engine when running the whole transaction again may help.
package struct Conflict: Error {
    /// The engine's.
    package let message: String
    /// What the connection knows of the schema is no longer true.
    package let isOutdated: Bool

    package init(message: String, isOutdated: Bool = false) {
        (self.message, self.isOutdated) = (message, isOutdated)
    }
}
