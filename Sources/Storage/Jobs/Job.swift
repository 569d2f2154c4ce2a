import FoundationEssentials

/// Work that one transaction asks for and that happens after its commit, at least once. Handlers are safe to run twice.
package protocol Job: Codable, Sendable {
    /// Under which it is stored; never changed after a release.
    static var name: String { get }
    /// After as many failures it is kept, visibly, until a person decides.
    static var maximumAttempts: Int { get }
}

extension Job {
    /// With 2 + 4 + … + 128 minutes between them, the last one is four hours after the first.
    package static var maximumAttempts: Int { 8 }

    /// - `date`: not before this time. It is readable without a key: for what a reporter causes, give the
    ///   beginning of the day.
    package func enqueue(_ tx: WriteTransaction, at date: Date) throws {
        try JobQueue.enqueue(tx, Self.name, payload: JSON(self).encoded(), at: date)
    }
}

/// Thrown by a handler when another try makes no sense: the job is kept at once, visibly, until a person decides.
package protocol PermanentFailure: Error {}

/// Work that comes round. The name is the job's; several servers together run it once.
package struct JobSchedule: Sendable {
    package let name: String
    /// Seconds.
    package let every: Int
    package let offset: Int

    /// Runs at multiples of `every` seconds since 1970 UTC, and once when the installation first sees it.
    /// - `offset`: seconds later than that: every day at three is `every: 86_400, offset: 10_800`.
    package init(_ name: String, every: Int, offset: Int = 0) {
        precondition(every > 0 && (0..<every).contains(offset))
        (self.name, self.every, self.offset) = (name, every, offset)
    }

    func next(after date: Date) -> Date {
        let (every, offset) = (Double(self.every), Double(self.offset))
        let turns = ((date.timeIntervalSince1970 - offset) / every).rounded(.down) + 1
        return Date(timeIntervalSince1970: turns * every + offset)
    }
}
