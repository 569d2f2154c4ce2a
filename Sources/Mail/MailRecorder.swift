import Synchronization

/// Keeps what would have been sent, for tests.
package final class MailRecorder: Mailer {
    private let messages = Mutex<[Message]>([])
    private let failures = Mutex<[any Error]>([])

    package init() {}

    package var sent: [Message] { self.messages.withLock { $0 } }

    /// The next tries fail like this, one each, before one succeeds.
    package func fail(_ errors: [any Error]) { self.failures.withLock { $0 += errors } }

    package func send(_ message: Message) async throws {
        if let error = self.failures.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { throw error }
        self.messages.withLock { $0.append(message) }
    }
}
