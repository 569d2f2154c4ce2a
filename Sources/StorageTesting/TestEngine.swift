import Foundation
import Storage
import StoragePostgres

/// Every test runs on every engine that is there. `TEST_POSTGRES` is a connection string; in continuous integration
/// `TEST_ENGINES=2` makes a missing server a failure instead of a silently smaller test.
package enum TestEngine: String, CaseIterable, Sendable {
    case sqlite, postgres

    private static let server = ProcessInfo.processInfo.environment["TEST_POSTGRES"]
    /// For `@Test(arguments:)`.
    package static let available = Self.server == nil ? [Self.sqlite] : Self.allCases
    /// How many have to be there.
    package static let required = Int(ProcessInfo.processInfo.environment["TEST_ENGINES"] ?? "1") ?? 1

    /// Another connection to the same database, as a second server would open it.
    package typealias Opener = @Sendable () async throws -> Database

    /// A database of its own: a file, or a schema of the one server.
    package func withOpener<T>(_ body: (@escaping Opener) async throws -> T) async throws -> T {
        let name = "t_" + UUID().uuidString.lowercased().replacingOccurrences(of: "-", with: "")
        guard self == .postgres, let server = Self.server else {
            return try await Self.withFolder { folder in
                try await body {
                    try await Database.open(.sqlite("\(folder)/test.sqlite", durability: .normal, rehearses: true))
                }
            }
        }
        return try await Gate.postgres.pass { try await Self.withSchema(name, server, body) }
    }

    private static func withSchema<T>(
        _ name: String,
        _ server: String,
        _ body: (@escaping Opener) async throws -> T
    ) async throws -> T {
        let admin = try await Database.postgres(server, connections: 1)
        try await admin.write { try $0.execute("CREATE SCHEMA \(raw: name)") }
        let result: Result<T, any Error>
        do {
            let own = "\(server) options='-c search_path=\(name)'"
            result = .success(try await body { try await Database.postgres(own, connections: 4) })
        } catch {
            result = .failure(error)
        }
        try await admin.write { try $0.execute("DROP SCHEMA \(raw: name) CASCADE") }
        try await admin.close()
        return try result.get()
    }

    /// The common case: one migrated database, closed afterwards.
    package func withDatabase(_ schemas: [Schema] = [], _ body: (Database) async throws -> Void) async throws {
        try await self.withOpener { open in
            let database = try await open()
            try await database.migrate(schemas)
            try await body(database)
            try await database.close()
        }
    }

    /// A folder that is gone afterwards.
    package static func withFolder<T>(_ body: (String) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("storage-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder.path)
    }
}
