import Foundation
import Testing
import Vault

/// A master key that is the same in every run: bytes 0 to 31.
func fixedMasterKey() throws -> MasterKey { try MasterKey(bytes: Array(0...31 as ClosedRange<UInt8>)) }

let cheap = Argon2Cost(memoryKiB: 8, passes: 1)

func bytes(_ hex: String) -> Data {
    let digits = hex.filter { !$0.isWhitespace }.compactMap(\.hexDigitValue)
    return Data(stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) })
}

func hex(_ data: Data) -> String { data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined() }

/// The same number in other digits, whose zero is the given character.
func digits(_ ascii: String, from zero: UInt32) -> String {
    String(String.UnicodeScalarView(ascii.unicodeScalars.compactMap { UnicodeScalar($0.value - 48 + zero) }))
}

let base64URLCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ "

func random(_ count: Int) -> Data { Data((0..<count).map { _ in UInt8.random(in: 0...255) }) }

extension Data {
    /// The same bytes, but cut out of something larger, so that indices do not begin at 0.
    var asSlice: Data { (Data([1, 2, 3]) + self + Data([4])).dropFirst(3).dropLast() }

    func flipped(bit: Int, ofByte index: Int) -> Data {
        var copy = self
        copy[index] ^= 1 << UInt8(bit)
        return copy
    }
}

let day = Date(timeIntervalSince1970: 1_800_000_000)
