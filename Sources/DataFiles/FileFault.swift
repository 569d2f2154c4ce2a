/// One fault of a data file, said so that an editor can mend it.
package struct FileFault: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let file: String
    /// Counted from 1; 0 when the fault is of the whole file.
    package let line: Int
    package let reason: String

    package init(_ file: String, line: Int = 0, _ reason: String) {
        self.file = file
        self.line = line
        self.reason = reason
    }

    package var description: String {
        self.line > 0 ? "\(self.file):\(self.line): \(self.reason)" : "\(self.file): \(self.reason)"
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.file, left.line, left.reason) < (right.file, right.line, right.reason)
    }
}

/// All the faults found, not only the first.
package struct FileFaults: Error, Sendable, CustomStringConvertible {
    package let items: [FileFault]

    package init(_ items: [FileFault]) { self.items = items.sorted() }

    package var description: String { self.items.map(\.description).joined(separator: "\n") }
}
