import Dispatch
import Storage
import Synchronization

/// A connection of its own that hears the other servers' signals, and comes back when it is lost.
final class PostgresListener: Sendable {
    private let settings: PostgresSettings
    private let signals: Signals
    private let queue = DispatchQueue(label: "storage.listener")
    private let source = Mutex<(isStopped: Bool, source: (any DispatchSourceRead)?)>((false, nil))

    init(_ settings: PostgresSettings, _ signals: Signals) { (self.settings, self.signals) = (settings, signals) }

    func start() async throws {
        try await withCheckedThrowingContinuation { continuation in
            self.queue.async { continuation.resume(with: Result { try self.listen() }) }
        }
    }

    func stop() {
        self.source.withLock {
            $0.isStopped = true
            $0.source?.cancel()
        }
    }

    /// All our channels travel through one of PostgreSQL's, because it has no "listen to all".
    private func listen() throws {
        let connection = try PostgresConnection(self.settings)
        try connection.simple("LISTEN storage")
        let source = DispatchSource.makeReadSource(fileDescriptor: connection.socket, queue: self.queue)
        source.setEventHandler { [self] in
            if let channels = connection.notifications() {
                for channel in channels { self.signals.post(channel) }
            } else {
                source.cancel()
            }
        }
        source.setCancelHandler { [self] in
            withExtendedLifetime(connection) {}
            self.reconnect()
        }
        self.source.withLock { $0.source = source }
        source.activate()
        self.signals.postAll()
    }

    private func reconnect() {
        if self.source.withLock(\.isStopped) { return }
        do { try self.listen() } catch { self.queue.asyncAfter(deadline: .now() + 2) { self.reconnect() } }
    }
}
