import Synchronization

/// How much a form with files may bring, and how slowly.
package struct UploadLimits: Sendable {
    /// Bytes of one file.
    package var fileBytes: Int
    package var files: Int
    /// Bytes of all text of one form.
    package var textBytes: Int
    /// Averaged over `window`.
    package var bytesPerSecond: Int
    package var window: Duration
    package var longest: Duration

    package init(
        fileBytes: Int = 25 << 20,
        files: Int = 10,
        textBytes: Int = FormBody.longest,
        bytesPerSecond: Int = 4096,
        window: Duration = .seconds(30),
        longest: Duration = .seconds(30 * 60)
    ) {
        self.fileBytes = fileBytes
        self.files = files
        self.textBytes = textBytes
        self.bytesPerSecond = bytesPerSecond
        self.window = window
        self.longest = longest
    }

    /// Beyond it nobody waits for the end: text, files, and generously what stands between them.
    var bodyBytes: Int { self.fileBytes * self.files + self.textBytes + 1 << 20 }
}

/// How many uploads this process takes at once. Forms without a file need no place.
package final class UploadSlots: Sendable {
    private let free: Mutex<Int>

    package init(_ count: Int) { self.free = Mutex(count) }

    /// - Returns: `nil` when all are taken. The place is given back when the value is let go.
    package func take() -> Slot? {
        let isFree = self.free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isFree ? Slot(self) : nil
    }

    package final class Slot: Sendable {
        private let slots: UploadSlots

        fileprivate init(_ slots: UploadSlots) { self.slots = slots }
        deinit { self.slots.free.withLock { $0 += 1 } }
    }
}

/// Whether a body keeps coming. Only the time spent waiting for the sender counts, not what we do between.
final class UploadPace: Sendable {
    struct TooSlow: Error {}

    private struct State {
        var waited: Duration = .zero
        var waitingSince: ContinuousClock.Instant?
        var bytes = 0
        var samples: [(waited: Duration, bytes: Int)] = [(.zero, 0)]
    }

    private let limits: UploadLimits
    private let start = ContinuousClock.now
    private let state = Mutex(State())

    init(_ limits: UploadLimits) { self.limits = limits }

    func waits() { self.state.withLock { $0.waitingSince = .now } }

    func got(_ bytes: Int) {
        self.state.withLock { state in
            if let since = state.waitingSince { state.waited += .now - since }
            state.waitingSince = nil
            state.bytes += bytes
        }
    }

    /// Returns only by throwing.
    func watch() async throws {
        let pause = min(.seconds(1), self.limits.window / 10)
        while true {
            try await Task.sleep(for: pause)
            if ContinuousClock.now - self.start > self.limits.longest || self.isTooSlow() { throw TooSlow() }
        }
    }

    private func isTooSlow() -> Bool {
        self.state.withLock { state in
            let waited = state.waited + (state.waitingSince.map { .now - $0 } ?? .zero)
            let begin = waited - self.limits.window
            while state.samples.count > 1, state.samples[1].waited <= begin { state.samples.removeFirst() }
            let wanted = Double(self.limits.bytesPerSecond) * (self.limits.window / .seconds(1))
            let isTooSlow = begin >= .zero && Double(state.bytes - state.samples[0].bytes) < wanted
            state.samples.append((waited, state.bytes))
            return isTooSlow
        }
    }
}
