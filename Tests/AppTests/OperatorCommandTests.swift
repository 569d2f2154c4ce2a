import App
import Casework
import Foundation
import Intake
import Kernel
import Logging
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct OperatorCommandTests {
    @Test func `the running server takes commands on a socket that only its own user may open`() async throws {
        try await OperatorInstallation.with { house in
            let lock = try DataFolderLock(house.data)
            defer { withExtendedLifetime(lock) {} }
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let socket = try AdminSocket(folder: house.data, actions: try house.actions(), logger: logger)
            let path = "\(house.data)/admin.sock"
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            let server = Task { try await socket.run() }
            let told = Told()

            let health = try await AdminSocket.ask(.health, folder: house.data) { told.tell($0) }
            #expect(health.contains("engine=SQLite"))
            let backup = "\(house.folder)/backup"
            let command = AdminCommand.backup(to: backup, unencrypted: true)
            let made = try await AdminSocket.ask(command, folder: house.data) { told.tell($0) }
            #expect(made.hasPrefix(backup))
            #expect(told.all.contains("copying the database"))
            // What fails there is said here.
            await #expect(throws: OperatorFault.self) {
                try await AdminSocket.ask(command, folder: house.data) { _ in }
            }
            let verified = try await AdminSocket.ask(.verifyAudit(heads: []), folder: house.data) { _ in }
            #expect(verified.contains("intact"))

            server.cancel()
            try await server.value
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test(arguments: TestEngine.available)
    func `after a rotation related reports are still found, and reading renews their rows`(engine: TestEngine)
        async throws
    {
        try await OperatorInstallation.with(engine) { house in
            let url = "https://faux-colis.example/suivi"
            let first = try await house.report("before", url: url)
            try await house.perform(.rotateKeys)
            let second = try await house.report("after", url: url)
            func versions() async throws -> Set<Int> {
                Set(
                    try await house.database.read {
                        try $0.values(Int.self, "SELECT DISTINCT key_version FROM indicator_index")
                    }
                )
            }
            #expect(try await versions() == [1, 2])
            let related = try await house.casework.open(second.report.id, for: house.senior).related
            #expect(related.values.flatMap { $0.map(\.reportId) } == [first.report.id])
            // Now the older one is read, and its rows go over to the new key.
            let back = try await house.casework.open(first.report.id, for: house.senior).related
            #expect(back.values.flatMap { $0.map(\.reportId) } == [second.report.id])
            #expect(try await versions() == [2])
            #expect(try await house.story(first.code) == "before")
        }
    }

    @Test(arguments: TestEngine.available)
    func `form keys follow their version, and each rotation is in the log`(engine: TestEngine) async throws {
        try await OperatorInstallation.with(engine) { house in
            func tokens() async throws -> FormTokens {
                let version = try await house.database.read { try KeyVersions.current($0, .forms) }
                return FormTokens(key: house.master.derive(KeyVersions.label("forms", version)))
            }
            let now = Date()
            let old = try await tokens()
            #expect(KeyVersions.label("forms", 1) == "forms")
            let token = old.issue("report", now: now)
            #expect(old.check(token, "report", now: now))
            try await house.perform(.rotateKeys)
            let new = try await tokens()
            #expect(!new.check(token, "report", now: now))
            #expect(new.check(new.issue("report", now: now), "report", now: now))
            try await house.perform(.rotateKeys)
            #expect(try await house.database.read { try KeyVersions.current($0, .forms) } == 3)
            let log = try await house.database.read { try AuditLog.entries($0, subject: "keys") }
            #expect(log.map { $0.details["forms"] } == ["3", "2"])
        }
    }

    @Test func `every table of the program is in a schema, so that a copy leaves none behind`() async throws {
        try await OperatorInstallation.with { house in
            let unnamed = try await house.database.unnamedTables(Schemas.all)
            #expect(unnamed == [])
        }
    }

    @Test(.enabled(if: TestEngine.available.contains(.postgres)))
    func `an installation that moved to PostgreSQL opens its reports by their codes`() async throws {
        try await OperatorInstallation.with { house in
            let canary = try await house.report(OperatorInstallation.word)
            let counts = try await house.database.examine().counts
            try await TestEngine.postgres.withOpener { open in
                let target = try await open()
                try await Database.copy(from: house.database, to: target, schemas: Schemas.all)
                #expect(try await target.examine().counts == counts)
                #expect(try await AuditLog.chained.verify(target) == .intact(count: counts["audit_entry"] ?? 0))
                let moved = try await OperatorInstallation(
                    target,
                    folder: "\(house.folder)/moved",
                    master: house.master
                )
                #expect(try await moved.story(canary.code) == OperatorInstallation.word)
                try await target.close()
            }
        }
    }
}
