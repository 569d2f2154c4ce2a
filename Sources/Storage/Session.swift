import FoundationEssentials

/// One connection inside of one transaction, used by one thread.
package protocol Session: AnyObject {
    var dialect: SQL.Dialect { get }
    func execute(_ statement: SQL.Statement) throws -> Int
    func query(_ statement: SQL.Statement, streaming: Bool, _ row: (any Cells) throws -> Void) throws
    func notify(_ channel: Channel) throws
    /// See `WriteTransaction.takeTurn`.
    func takeTurn(_ table: String) throws
}

/// The row at which a query stands.
package protocol Cells: AnyObject {
    var names: [String] { get }
    func isNull(_ column: Int) -> Bool
    /// `nil` when the column holds something else.
    func int(_ column: Int) -> Int64?
    func double(_ column: Int) -> Double?
    func text(_ column: Int) -> String?
    func data(_ column: Int) -> Data?
    func bool(_ column: Int) -> Bool?
    /// What the column holds, in the engine's words.
    func found(_ column: Int) -> String
}

extension Cells {
    func value(_ column: Int, as kind: SQL.Kind) -> SQL.Value? {
        if self.isNull(column) { return .null(kind) }
        return switch kind {
        case .int: self.int(column).map(SQL.Value.int)
        case .double: self.double(column).map(SQL.Value.double)
        case .text: self.text(column).map(SQL.Value.text)
        case .data: self.data(column).map(SQL.Value.data)
        case .bool: self.bool(column).map(SQL.Value.bool)
        }
    }
}

/// A database that can run transactions. The closures run on the engine's own threads.
package protocol Engine: Sendable {
    func read<T: Sendable>(_ body: @escaping @Sendable (any Session) throws -> T) async throws -> T
    func write<T: Sendable>(
        _ isolation: Isolation,
        _ body: @escaping @Sendable (any Session) throws -> T
    ) async throws -> T
    var dialect: SQL.Dialect { get }
    var signals: Signals { get }
    /// What `doctor` prints: the version and every setting that a promise of ours rests on.
    func health() async throws -> [String: String]
    /// Moves what was committed from the log into the main file, where the engine has such a thing.
    func checkpoint() async throws
    /// A consistent copy in a new file.
    func backup(to path: String) async throws
    func close() async throws
}

/// What a writing transaction sees of the others. SQLite has one writer, so there it makes no difference.
package enum Isolation: Sendable {
    /// As if it ran alone.
    case serial
    /// Every statement sees what was committed before it. Only for code that takes locks, such as a queue's claim.
    case eachStatement
}
