import Glibc

/// Cuts a `multipart/form-data` body (RFC 7578) into parts while it arrives. Keeps what may still become a boundary or a
/// header, nothing else. Strict: browsers write no preamble, so a body that does not begin with its boundary is refused.
package struct MultipartParser: Sendable {
    package enum Event: Equatable, Sendable {
        case part(MultipartHeader)
        case content([UInt8])
        case endOfPart
    }

    /// The body is not what its type says.
    package struct Malformed: Error, Equatable, Sendable {}

    private enum State { case opening, boundary, header, content, epilogue }

    /// Bytes of the header lines of one part.
    private static let longestHeader = 8192
    /// Blanks that a sender may put behind a boundary.
    private static let longestPadding = 64

    /// `CR LF - - boundary`; the line end in front of a boundary belongs to it.
    private let delimiter: [UInt8]
    private var state = State.opening
    private var waiting: [UInt8]

    /// - Parameter boundary: checked by `MultipartHeader.boundary`.
    package init(boundary: String) {
        self.delimiter = Array("\r\n--\(boundary)".utf8)
        // As if a line had ended before the body: then the first boundary is like any other.
        self.waiting = [13, 10]
    }

    package mutating func feed(_ bytes: some Sequence<UInt8>) throws(Malformed) -> [Event] {
        self.waiting.append(contentsOf: bytes)
        var events: [Event] = []
        var place = 0
        while try self.step(&place, &events) {}
        self.waiting.removeFirst(place)
        return events
    }

    /// - Throws: if the closing boundary did not come.
    package func finish() throws(Malformed) {
        guard self.state == .epilogue, self.waiting.isEmpty else { throw Malformed() }
    }

    /// - Returns: whether there is more to do with the bytes at hand.
    private mutating func step(_ place: inout Int, _ events: inout [Event]) throws(Malformed) -> Bool {
        switch self.state {
        case .opening: try self.open(&place)
        case .boundary: try self.passBoundary(&place)
        case .header: try self.readHeader(&place, &events)
        case .content: self.passContent(&place, &events)
        case .epilogue: try self.end(&place)
        }
    }

    private mutating func open(_ place: inout Int) throws(Malformed) -> Bool {
        let known = min(self.waiting.count, self.delimiter.count)
        guard self.waiting[..<known].elementsEqual(self.delimiter[..<known]) else { throw Malformed() }
        if known < self.delimiter.count { return false }
        place = known
        self.state = .boundary
        return true
    }

    private mutating func passBoundary(_ place: inout Int) throws(Malformed) -> Bool {
        let rest = self.waiting[place...]
        guard rest.count >= 2 else { return false }
        if rest.starts(with: [45, 45]) {
            place += 2
            self.state = .epilogue
            return true
        }
        let end = rest.firstIndex { $0 != 32 && $0 != 9 } ?? rest.endIndex
        guard end - place <= Self.longestPadding else { throw Malformed() }
        guard end + 1 < rest.endIndex else { return false }
        guard rest[end] == 13, rest[end + 1] == 10 else { throw Malformed() }
        place = end + 2
        self.state = .header
        return true
    }

    private mutating func readHeader(_ place: inout Int, _ events: inout [Event]) throws(Malformed) -> Bool {
        let rest = self.waiting[place...].prefix(Self.longestHeader + 4)
        var end = rest.startIndex
        while end + 4 <= rest.endIndex, !rest[end..<end + 4].elementsEqual([13, 10, 13, 10]) { end += 1 }
        guard end + 4 <= rest.endIndex else {
            guard rest.count < Self.longestHeader + 4 else { throw Malformed() }
            return false
        }
        guard let header = MultipartHeader(rest[..<end]) else { throw Malformed() }
        events.append(.part(header))
        place = end + 4
        self.state = .content
        return true
    }

    private mutating func passContent(_ place: inout Int, _ events: inout [Event]) -> Bool {
        let (end, isWhole) = self.findDelimiter(from: place)
        if end > place { events.append(.content(Array(self.waiting[place..<end]))) }
        place = end
        guard isWhole else { return false }
        events.append(.endOfPart)
        place += self.delimiter.count
        self.state = .boundary
        return true
    }

    /// Where content ends: at a delimiter, or at what may become one when more bytes come.
    private func findDelimiter(from start: Int) -> (end: Int, isWhole: Bool) {
        self.waiting.withUnsafeBytes { bytes in
            var place = start
            while place < bytes.count,
                let found = memchr(bytes.baseAddress! + place, 13, bytes.count - place)
            {
                place = UnsafeRawPointer(found) - bytes.baseAddress!
                let known = min(bytes.count - place, self.delimiter.count)
                if bytes[place..<place + known].elementsEqual(self.delimiter[..<known]) {
                    return (place, known == self.delimiter.count)
                }
                place += 1
            }
            return (bytes.count, false)
        }
    }

    /// Nothing but blank lines may follow the end.
    private mutating func end(_ place: inout Int) throws(Malformed) -> Bool {
        guard self.waiting[place...].allSatisfy({ [9, 10, 13, 32].contains($0) }) else { throw Malformed() }
        place = self.waiting.count
        return false
    }
}
