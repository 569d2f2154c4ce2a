/// One at a time, in the order of asking: a backup must not meet the erasing of files.
package actor Turn {
    private var isTaken = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init() {}

    package nonisolated func run<T: Sendable>(_ body: @Sendable () async throws -> T) async throws -> T {
        await self.take()
        do {
            let result = try await body()
            await self.give()
            return result
        } catch {
            await self.give()
            throw error
        }
    }

    private func take() async {
        if !self.isTaken {
            self.isTaken = true
            return
        }
        await withCheckedContinuation { self.waiting.append($0) }
    }

    private func give() {
        if self.waiting.isEmpty { self.isTaken = false } else { self.waiting.removeFirst().resume() }
    }
}
