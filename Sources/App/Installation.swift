import Foundation
import Kernel
import Storage
import Vault

/// What is decided once, at the first start, and never again.
struct Installation: Decodable, Sendable {
    /// Part of every derivation from a receipt code: without it no receipt opens.
    let salt: Data
    /// A demonstration never becomes a real installation, nor the other way round.
    let isDemo: Bool

    static let schema = Schema(
        "installation",
        tables: ["installation"],
        Migration(
            "1 create installation",
            """
            CREATE TABLE installation (
                one \(.int) PRIMARY KEY CONSTRAINT installation_one CHECK (one = 1),
                salt \(.data) NOT NULL, is_demo \(.bool) NOT NULL, day \(.text) NOT NULL
            ) \(.strict)
            """
        )
    )

    /// - Returns: what the first start decided; decides it if this is the first start.
    static func open(_ database: Database, isDemo: Bool, today: Day) async throws -> Installation {
        let salt = KeyDerivation.newSalt()
        return try await database.write { tx in
            if let known = try tx.one(Installation.self, "SELECT salt, is_demo FROM installation") { return known }
            try tx.execute(
                "INSERT INTO installation \(values: ["one": 1, "salt": salt, "is_demo": isDemo, "day": today])"
            )
            return try tx.one(Installation.self, "SELECT salt, is_demo FROM installation")!
        }
    }

    /// `nil` before the first start.
    static func read(_ database: Database) async throws -> Installation? {
        try await database.read { try $0.one(Installation.self, "SELECT salt, is_demo FROM installation") }
    }
}
