import Synchronization

/// Tests run all at once; a server has only so many connections.
final class Gate: Sendable {
    /// Each test takes two for its schema and a few for every database it opens; `bin/with-postgres` has 200.
    static let postgres = Gate(12)

    private struct State {
        var places: Int
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Who needs a second database has a place already: waiting for another one could be for ever.
    @TaskLocal private static var isInside = false

    private let state: Mutex<State>

    init(_ places: Int) { self.state = Mutex(State(places: places)) }

    func pass<T>(_ body: () async throws -> T) async throws -> T {
        if Self.isInside { return try await body() }
        await self.enter()
        defer { self.leave() }
        return try await Self.$isInside.withValue(true) { try await body() }
    }

    private func enter() async {
        await withCheckedContinuation { continuation in
            let isIn = self.state.withLock { state in
                if state.places == 0 {
                    state.waiting.append(continuation)
                    return false
                }
                state.places -= 1
                return true
            }
            if isIn { continuation.resume() }
        }
    }

    private func leave() {
        let next = self.state.withLock { state in
            if !state.waiting.isEmpty { return Optional(state.waiting.removeFirst()) }
            state.places += 1
            return nil
        }
        next?.resume()
    }
}
