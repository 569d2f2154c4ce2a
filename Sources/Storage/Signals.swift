import Synchronization

/// Something others may wait for, such as `jobs`. Carries no content: the receiver looks into the database.
package struct Channel: Hashable, Sendable, ExpressibleByStringLiteral {
    package let name: String

    package init(stringLiteral name: String) { self.name = name }
}

/// Those who wait, in this process. Several signals in a row may arrive as one.
package final class Signals: Sendable {
    private typealias Receivers = [Int: (channel: Channel, continuation: AsyncStream<Void>.Continuation)]
    private let receivers = Mutex<(next: Int, waiting: Receivers)>((0, [:]))

    package init() {}

    /// Begins to hear at once; ends with whoever listens.
    package func stream(_ channel: Channel) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id = self.receivers.withLock { receivers in
            receivers.next += 1
            receivers.waiting[receivers.next] = (channel, continuation)
            return receivers.next
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.receivers.withLock { $0.waiting.removeValue(forKey: id) }
        }
        return stream
    }

    /// After the commit.
    package func post(_ channel: Channel) { self.post { $0 == channel } }

    /// After a lost connection nobody knows what was missed.
    package func postAll() { self.post { _ in true } }

    private func post(where isMeant: (Channel) -> Bool) {
        let continuations = self.receivers.withLock { receivers in
            receivers.waiting.values.filter { isMeant($0.channel) }.map(\.continuation)
        }
        for continuation in continuations { continuation.yield() }
    }
}
