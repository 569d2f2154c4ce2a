import CPostgres
import FoundationEssentials
import Storage

/// Reads the columns where libpq has them, in binary.
final class PostgresCells: Cells {
    let names: [String]
    var row: Int32 = 0
    var result: OpaquePointer
    private let types: [Oid]

    init(_ result: OpaquePointer) {
        self.result = result
        let columns = 0..<PQnfields(result)
        self.names = columns.map { String(cString: PQfname(result, $0)) }
        self.types = columns.map { PQftype(result, $0) }
    }

    func isNull(_ column: Int) -> Bool { PQgetisnull(self.result, self.row, Int32(column)) == 1 }

    func int(_ column: Int) -> Int64? {
        guard let bytes = self.bytes(column) else { return nil }
        return switch self.types[column] {
        case PostgresType.int8: Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        case PostgresType.int4: Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case PostgresType.int2: Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        // The sum of integers, and nothing with a fraction.
        case PostgresType.numeric: self.numeric(bytes).flatMap(Int64.init(exactly:))
        default: nil
        }
    }

    func double(_ column: Int) -> Double? {
        guard let bytes = self.bytes(column) else { return nil }
        return switch self.types[column] {
        case PostgresType.float8: Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)))
        case PostgresType.float4: Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self))))
        case PostgresType.numeric: self.numeric(bytes)
        default: self.int(column).map(Double.init)
        }
    }

    func text(_ column: Int) -> String? {
        switch self.types[column] {
        case PostgresType.text, PostgresType.varchar, PostgresType.bpchar, PostgresType.name, PostgresType.json:
            self.bytes(column).map { String(decoding: $0, as: UTF8.self) }
        default: nil
        }
    }

    func data(_ column: Int) -> Data? {
        self.types[column] == PostgresType.bytea ? self.bytes(column).map { Data($0) } : nil
    }

    func bool(_ column: Int) -> Bool? {
        self.types[column] == PostgresType.bool ? self.bytes(column).map { $0[0] == 1 } : nil
    }

    func found(_ column: Int) -> String { self.isNull(column) ? "NULL" : "type \(self.types[column])" }

    private func bytes(_ column: Int) -> UnsafeRawBufferPointer? {
        if self.isNull(column) { return nil }
        let count = Int(PQgetlength(self.result, self.row, Int32(column)))
        return UnsafeRawBufferPointer(start: PQgetvalue(self.result, self.row, Int32(column)), count: count)
    }

    /// Digits of base 10,000 after a header of four numbers: count, weight of the first, sign, scale.
    private func numeric(_ bytes: UnsafeRawBufferPointer) -> Double? {
        func number(_ index: Int) -> Int16 {
            Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self))
        }
        guard number(2) == 0 || number(2) == 0x4000 else { return nil }
        var value = 0.0
        for digit in 0..<Int(number(0)) { value = value * 10_000 + Double(number(4 + digit)) }
        for _ in 0..<max(0, Int(number(1)) - Int(number(0)) + 1) { value *= 10_000 }
        for _ in 0..<max(0, Int(number(0)) - Int(number(1)) - 1) { value /= 10_000 }
        return number(2) == 0 ? value : -value
    }
}
