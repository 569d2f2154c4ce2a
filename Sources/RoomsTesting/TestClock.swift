import FoundationEssentials
import Kernel
import Synchronization

/// Time that passes only when a test says so.
package final class TestClock: Sendable {
    /// 2026-11-25 09:00 UTC.
    package static let start = Date(timeIntervalSince1970: 1_795_597_200)

    private let time: Mutex<Date>

    package init(_ start: Date = TestClock.start) { self.time = Mutex(start) }

    package var now: Date { self.time.withLock { $0 } }
    package var clock: Clock { Clock { self.now } }

    package func advance(_ seconds: Double) { self.time.withLock { $0 += seconds } }
    package func set(_ date: Date) { self.time.withLock { $0 = date } }
}
