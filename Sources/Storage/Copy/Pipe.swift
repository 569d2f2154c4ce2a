import Dispatch
import Synchronization

/// Between two transactions on two threads of two engines: both are synchronous, and neither may hold everything.
final class Pipe<Element: Sendable>: Sendable {
    private struct State {
        var elements: [Element] = []
        var ending: Result<Void, any Error>?
        /// Nobody will read what is written from now on.
        var isAbandoned = false
    }

    struct Abandoned: Error {}

    // Signalled here instead of being created with a value: dispatch stops the program when a semaphore goes away with
    // less than it had.
    private let places = DispatchSemaphore(value: 0)
    private let filled = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    init(capacity: Int) { for _ in 0..<capacity { self.places.signal() } }

    /// Waits for a place.
    func put(_ element: Element) throws {
        self.places.wait()
        try self.state.withLock { state in
            if state.isAbandoned { throw Abandoned() }
            state.elements.append(element)
        }
        self.filled.signal()
    }

    func end(_ result: Result<Void, any Error>) {
        self.state.withLock { $0.ending = result }
        self.filled.signal()
    }

    /// Waits for an element; `nil` after the last one.
    func next() throws -> Element? {
        self.filled.wait()
        let element: Element? = try self.state.withLock { state in
            if state.elements.isEmpty { try state.ending?.get() }
            return state.elements.isEmpty ? nil : state.elements.removeFirst()
        }
        self.places.signal()
        return element
    }

    func abandon() {
        self.state.withLock { $0.isAbandoned = true }
        self.places.signal()
    }
}
