import Foundation
import Glibc

/// Wall clock and processor time of a piece of work.
struct Measure {
    /// Seconds on the wall.
    let wall: Double
    /// Seconds of processor, all threads of this process.
    let cpu: Double

    static func run(_ work: () async throws -> Void) async rethrows -> Measure {
        let (wall, cpu) = (ContinuousClock.now, Self.cpuSeconds())
        try await work()
        let elapsed = (ContinuousClock.now - wall).components
        return Measure(
            wall: Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18,
            cpu: Self.cpuSeconds() - cpu
        )
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}

extension [Double] {
    /// The value that a share of them, 0…1, does not exceed.
    func percentile(_ share: Double) -> Double {
        let sorted = self.sorted()
        return sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
