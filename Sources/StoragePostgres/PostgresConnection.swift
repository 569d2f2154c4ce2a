import CPostgres
import Dispatch
import Storage
import Synchronization

/// One connection. Everything but `cancel` happens on its queue, one after the other.
/// In one file, because everything here shares the private pointer.
final class PostgresConnection: Session, @unchecked Sendable {
    let dialect = SQL.Dialect.postgres
    let queue = DispatchQueue(label: "storage.postgres")
    private let connection: OpaquePointer
    private let isCancelled = Atomic(false)
    private var prepared: [PostgresParameters.Key: String] = [:]
    /// The tables whose turn this transaction wants, should it have to run again.
    private(set) var wanted: Set<String> = []
    private var turns: [String] = []

    var isUsable: Bool { PQstatus(self.connection) == CONNECTION_OK }
    var socket: Int32 { PQsocket(self.connection) }

    init(_ settings: PostgresSettings) throws {
        guard let connection = settings.connect() else { throw StorageError.unavailable("out of memory") }
        self.connection = connection
        PQsetNoticeProcessor(connection, { _, _ in }, nil)
        try self.prepare()
    }

    deinit { PQfinish(self.connection) }

    /// A new session in place of a lost or outdated one.
    func reset() throws {
        PQreset(self.connection)
        self.prepared = [:]
        try self.prepare()
    }

    private func prepare() throws {
        guard self.isUsable else { throw StorageError.unavailable(Self.message(self.connection)) }
        // The server's defaults may be laxer: acknowledged means on disk, and nobody waits for ever.
        try self.simple(
            "SET synchronous_commit = on; SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '60s'"
        )
    }

    func execute(_ statement: SQL.Statement) throws -> Int {
        let result = try self.run(statement)
        defer { PQclear(result) }
        return Int(String(cString: PQcmdTuples(result))) ?? 0
    }

    func query(_ statement: SQL.Statement, streaming: Bool, _ row: (any Cells) throws -> Void) throws {
        if streaming { return try self.stream(statement, row) }
        let result = try self.run(statement)
        defer { PQclear(result) }
        let cells = PostgresCells(result)
        for index in 0..<PQntuples(result) {
            cells.row = index
            try row(cells)
        }
    }

    func notify(_ channel: Channel) throws {
        _ = try self.execute(("SELECT pg_notify('storage', \(channel.name))" as SQL).statement(for: .postgres))
    }

    func takeTurn(_ table: String) throws {
        if self.turns.contains(table) { return }
        self.wanted.insert(table)
        do { try self.simple("LOCK TABLE \(table) IN EXCLUSIVE MODE NOWAIT") } catch StorageError.busy(let message) {
            throw Conflict(message: message)
        }
    }

    /// A command without values, such as BEGIN. Returns its tag: a COMMIT may answer "ROLLBACK".
    @discardableResult
    func simple(_ command: String) throws -> String {
        let result = try self.checked(PQexec(self.connection, command), command)
        defer { PQclear(result) }
        return String(cString: PQcmdStatus(result))
    }

    private func run(_ statement: SQL.Statement) throws -> OpaquePointer {
        if self.isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        let parameters = PostgresParameters(statement)
        guard let name = try self.name(of: parameters) else {
            return try parameters.withPointers { count, types, values, lengths, formats in
                try self.checked(
                    PQexecParams(self.connection, statement.text, count, types, values, lengths, formats, 1),
                    statement.text
                )
            }
        }
        return try parameters.withPointers { count, _, values, lengths, formats in
            try self.checked(PQexecPrepared(self.connection, name, count, values, lengths, formats, 1), statement.text)
        }
    }

    private func stream(_ statement: SQL.Statement, _ row: (any Cells) throws -> Void) throws {
        if self.isCancelled.load(ordering: .relaxed) { throw CancellationError() }
        PostgresParameters(statement).withPointers { count, types, values, lengths, formats in
            _ = PQsendQueryParams(self.connection, statement.text, count, types, values, lengths, formats, 1)
        }
        PQsetSingleRowMode(self.connection)
        var cells: PostgresCells?
        var failure: (any Error)?
        while let next = PQgetResult(self.connection) {
            defer { PQclear(next) }
            guard failure == nil else { continue }
            do {
                guard PQresultStatus(next) == PGRES_SINGLE_TUPLE else {
                    if let error = PostgresError(next, statement.text) { throw error.translated }
                    continue
                }
                if cells == nil { cells = PostgresCells(next) }
                cells!.result = next
                try row(cells!)
            } catch {
                failure = error
                self.interrupt()
            }
        }
        if let failure { throw failure }
    }

    /// The name under which the server knows the statement; none for those that are not worth keeping.
    private func name(of parameters: PostgresParameters) throws -> String? {
        if parameters.isOneOff { return nil }
        if let name = self.prepared[parameters.key] { return name }
        if self.prepared.count >= 500 {
            try self.simple("DEALLOCATE ALL")
            self.prepared = [:]
        }
        let name = "s\(self.prepared.count)"
        let types = parameters.key.types
        let text = parameters.key.text
        PQclear(try self.checked(PQprepare(self.connection, name, text, Int32(types.count), types), text))
        self.prepared[parameters.key] = name
        return name
    }

    private func checked(_ result: OpaquePointer?, _ text: String) throws -> OpaquePointer {
        guard let result else { throw StorageError.unavailable(Self.message(self.connection)) }
        guard let error = PostgresError(result, text) else { return result }
        PQclear(result)
        guard self.isUsable else { throw StorageError.unavailable(Self.message(self.connection)) }
        // The schema changed under a prepared statement: a running server met a newer one's migration.
        if error.state == "0A000" { throw Conflict(message: error.message, isOutdated: true) }
        throw error.translated
    }

    /// - `turns`: tables to wait for before the transaction's snapshot is taken, so that it shows what those it waited
    ///   for have done. `LOCK TABLE` takes no snapshot itself.
    func begin(_ transaction: String, turns: [String]) throws {
        (self.wanted, self.turns) = ([], turns)
        do { try self.simple(transaction) } catch StorageError.unavailable {
            // The server was restarted since the last time. Nothing has happened yet, so nobody needs to know.
            try self.reset()
            try self.simple(transaction)
        }
        for table in turns { try self.simple("LOCK TABLE \(table) IN EXCLUSIVE MODE") }
    }

    /// For its next user, before anybody can cancel in that one's name.
    func renew() { self.isCancelled.store(false, ordering: .relaxed) }

    /// From any thread: stops the running statement, and refuses the transaction's next ones.
    func cancel() {
        self.isCancelled.store(true, ordering: .relaxed)
        self.interrupt()
    }

    private func interrupt() {
        guard let cancel = PQgetCancel(self.connection) else { return }
        var buffer = [CChar](repeating: 0, count: 256)
        PQcancel(cancel, &buffer, 256)
        PQfreeCancel(cancel)
    }

    /// The channels that were signalled since the last time. `nil` when the connection is lost.
    func notifications() -> [Channel]? {
        guard PQconsumeInput(self.connection) == 1 else { return nil }
        var channels: [Channel] = []
        while let notification = PQnotifies(self.connection) {
            channels.append(Channel(stringLiteral: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return channels
    }

    private static func message(_ connection: OpaquePointer) -> String {
        String(cString: PQerrorMessage(connection)).split(separator: "\n").first.map(String.init) ?? "connection lost"
    }
}
