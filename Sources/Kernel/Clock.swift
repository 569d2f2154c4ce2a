import FoundationEssentials

/// Where the time comes from. Tests put a clock of their own here.
package struct Clock: Sendable {
    private let read: @Sendable () -> Date

    package init(_ read: @escaping @Sendable () -> Date) { self.read = read }

    package static let system = Clock { Date() }

    package func now() -> Date { self.read() }
    package func today() -> Day { Day(self.read()) }
}
