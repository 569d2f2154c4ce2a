import CPostgres
import FoundationEssentials
import Storage

/// The values of one statement in PostgreSQL's binary format, in one buffer. Binary, because a text with a zero byte
/// would otherwise be cut there without a word.
struct PostgresParameters {
    struct Key: Hashable {
        let text: String
        let types: [Oid]
    }

    let key: Key
    let isOneOff: Bool
    private var bytes: [UInt8] = []
    private var ranges: [Range<Int>?] = []

    init(_ statement: SQL.Statement) {
        self.key = Key(text: statement.text, types: statement.values.map(\.kind.oid))
        self.isOneOff = statement.isOneOff
        self.ranges.reserveCapacity(statement.values.count)
        for value in statement.values {
            let start = self.bytes.count
            switch value {
            case .int(let value): withUnsafeBytes(of: value.bigEndian) { self.bytes += $0 }
            case .double(let value): withUnsafeBytes(of: value.bitPattern.bigEndian) { self.bytes += $0 }
            case .text(let value): self.bytes += value.utf8
            case .data(let value): self.bytes += value
            case .bool(let value): self.bytes.append(value ? 1 : 0)
            case .null:
                self.ranges.append(nil)
                continue
            }
            self.ranges.append(start..<self.bytes.count)
        }
        self.bytes.append(0)
    }

    typealias Pointers<T> = (
        Int32, UnsafePointer<Oid>, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>
    ) throws -> T

    func withPointers<T>(_ body: Pointers<T>) rethrows -> T {
        try self.bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
            return try body(
                Int32(self.ranges.count),
                self.key.types,
                self.ranges.map { $0.map { base + $0.lowerBound } },
                self.ranges.map { Int32($0?.count ?? 0) },
                [Int32](repeating: 1, count: self.ranges.count)
            )
        }
    }
}

extension SQL.Kind {
    var oid: Oid {
        switch self {
        case .int: PostgresType.int8
        case .double: PostgresType.float8
        case .text: PostgresType.text
        case .data: PostgresType.bytea
        case .bool: PostgresType.bool
        }
    }
}

/// The types we send and read, by the numbers that never change.
enum PostgresType {
    static let bool: Oid = 16, bytea: Oid = 17, name: Oid = 19, int8: Oid = 20, int2: Oid = 21, int4: Oid = 23
    static let text: Oid = 25, json: Oid = 114, float4: Oid = 700, float8: Oid = 701, bpchar: Oid = 1042
    static let varchar: Oid = 1043, numeric: Oid = 1700
}
