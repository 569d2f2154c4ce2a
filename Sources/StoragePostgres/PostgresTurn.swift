import Synchronization

/// One user's time with a connection: keeps a late cancellation away from the next one.
final class PostgresTurn: Sendable {
    private let connection: Mutex<PostgresConnection?>

    init(_ connection: PostgresConnection) {
        connection.renew()
        self.connection = Mutex(connection)
    }

    func cancel() { self.connection.withLock { $0?.cancel() } }
    func end() { self.connection.withLock { $0 = nil } }
}
