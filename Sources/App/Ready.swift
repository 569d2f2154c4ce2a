import Synchronization

/// How many listeners are up.
final class Ready: Sendable {
    private let listeners = Atomic<Int>(0)

    func done() { self.listeners.add(1, ordering: .relaxed) }
    var count: Int { self.listeners.load(ordering: .relaxed) }
}
