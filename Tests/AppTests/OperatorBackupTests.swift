import App
import Foundation
import Intake
import Kernel
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct OperatorBackupTests {
    private func restore(
        _ house: OperatorInstallation,
        _ from: String,
        key: PrivateBox? = nil,
        to: String,
        master: MasterKey? = nil
    ) async throws -> [String] {
        let signer = BackupManifest.signingKey(master ?? house.master).publicKey
        return try await BackupReader(folder: from, key: key, verifying: signer).restore(to: to) { _ in }
    }

    @Test func `a sealed backup made during submissions restores to equal counts and its canary opens by its code`()
        async throws
    {
        try await OperatorInstallation.with { house in
            let blob = "\(house.data)/blobs/ab/cd"
            try FileManager.default.createDirectory(atPath: blob, withIntermediateDirectories: true)
            let sealed = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            try sealed.write(to: URL(filePath: "\(blob)/abcd-0001"))
            let canary = try await house.report(OperatorInstallation.word)
            let before = try await house.database.examine().counts["report"] ?? 0
            let key = "\(house.folder)/private"
            let box = try PrivateBox.createBackupKey(path: key)
            let told = Told()

            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<4 {
                    group.addTask { for number in 0..<15 { try await house.report("story \(writer) \(number)") } }
                }
                _ = try await house.actions(backupKey: box)
                    .perform(.backup(to: "\(house.folder)/backup", unencrypted: false)) { told.tell($0) }
                try await group.waitForAll()
            }
            #expect(!told.all.isEmpty)
            #expect(!FileManager.default.fileExists(atPath: "\(house.folder)/backup.partial"))

            let proofs = try await self.restore(
                house,
                "\(house.folder)/backup",
                key: try PrivateBox.loadBackupKey(path: key),
                to: "\(house.folder)/restored/data"
            )
            #expect(proofs.contains { $0.contains("signed by this installation") })
            let database = try await Database.open(.sqlite("\(house.folder)/restored/data/cyberconfiance.sqlite"))
            #expect(try await database.damage().isEmpty)
            let counts = try await database.examine().counts
            #expect((before...before + 60).contains(counts["report"] ?? -1))
            #expect(counts["case_file"] == counts["report"])
            let restored = try await OperatorInstallation(
                database,
                folder: "\(house.folder)/restored",
                master: house.master
            )
            #expect(try await restored.story(canary.code) == OperatorInstallation.word)
            try await database.close()
            let back = FileManager.default.contents(atPath: "\(house.folder)/restored/data/blobs/ab/cd/abcd-0001")
            #expect(back == sealed)
        }
    }

    @Test func `neither the master key nor anything readable is in a sealed backup`() async throws {
        try await OperatorInstallation.with { house in
            let path = "\(house.data)/master.key"
            let master = try MasterKey.create(path: path)
            let bytes = FileManager.default.contents(atPath: path)!
            _ = try await house.report(OperatorInstallation.word)
            let box = try PrivateBox.createBackupKey(path: "\(house.folder)/private")
            let backup = "\(house.folder)/backup"
            let actions = try OperatorActions(
                database: house.database,
                masterKey: master,
                dataFolder: house.data,
                backupKey: box,
                retentionDays: 90,
                clock: house.clock.clock
            )
            _ = try await actions.perform(.backup(to: backup, unencrypted: false)) { _ in }
            for secret in [bytes, Data("SQLite format 3".utf8), Data("keys@desk.example".utf8)] {
                #expect(try house.files(holding: secret, below: backup).isEmpty)
            }
            // The search does find what is there.
            #expect(try house.files(holding: bytes, below: house.data) == ["master.key"])
            // The snapshot it was made from is gone.
            let left = try FileManager.default.contentsOfDirectory(atPath: house.data)
            #expect(!left.contains { $0.hasPrefix("snapshot") })
            await #expect(throws: OperatorFault.self) {
                try await self.restore(house, backup, to: "\(house.folder)/restored", master: master)
            }
            let other = PrivateBox.generate()
            await #expect(throws: OperatorFault.self) {
                try await self.restore(house, backup, key: other, to: "\(house.folder)/restored", master: master)
            }
        }
    }

    @Test func `without a backup key it is refused, unless the operator says so`() async throws {
        try await OperatorInstallation.with { house in
            let backup = "\(house.folder)/backup"
            await #expect(throws: OperatorFault.self) {
                try await house.perform(.backup(to: backup, unencrypted: false))
            }
            #expect(!FileManager.default.fileExists(atPath: backup))
            try await house.perform(.backup(to: backup, unencrypted: true))
            // A backup is never written over another.
            await #expect(throws: OperatorFault.self) {
                try await house.perform(.backup(to: backup, unencrypted: true))
            }
            _ = try await self.restore(house, backup, to: "\(house.folder)/restored")
            // Nor an installation over another.
            await #expect(throws: OperatorFault.self) {
                try await self.restore(house, backup, to: "\(house.folder)/restored")
            }
        }
    }

    @Test(arguments: [true, false])
    func `a backup that was tampered with is refused and leaves no trace`(isSealed: Bool) async throws {
        try await OperatorInstallation.with { house in
            let private_ = "\(house.folder)/private"
            let box = try PrivateBox.createBackupKey(path: private_)
            let key = isSealed ? try PrivateBox.loadBackupKey(path: private_) : nil
            _ = try await house.report(OperatorInstallation.word)
            let good = "\(house.folder)/good"
            try await house.perform(.backup(to: good, unencrypted: true), backupKey: isSealed ? box : nil)
            let names = try FileManager.default.contentsOfDirectory(atPath: good).sorted()
            #expect(names.count == 3)
            func refused(_ what: String, _ spoil: (String) throws -> Void) async throws {
                let bad = "\(house.folder)/bad"
                let target = "\(house.folder)/restored"
                try FileManager.default.copyItem(atPath: good, toPath: bad)
                try spoil(bad)
                await #expect(throws: OperatorFault.self, "\(what)") {
                    try await self.restore(house, bad, key: key, to: target)
                }
                let left = (try? FileManager.default.contentsOfDirectory(atPath: target)) ?? []
                #expect(Set(left).isSubset(of: ["lock"]))
                try FileManager.default.removeItem(atPath: bad)
            }
            for name in names {
                try await refused("a bit of \(name)") { bad in
                    var content = FileManager.default.contents(atPath: "\(bad)/\(name)")!
                    content[content.count / 2] ^= 4
                    try content.write(to: URL(filePath: "\(bad)/\(name)"))
                }
                try await refused("the end of \(name)") { bad in
                    let content = FileManager.default.contents(atPath: "\(bad)/\(name)")!
                    try content.dropLast(40).write(to: URL(filePath: "\(bad)/\(name)"))
                }
                try await refused("\(name) gone") { bad in
                    try FileManager.default.removeItem(atPath: "\(bad)/\(name)")
                }
            }
            try await refused("something more") { bad in
                try Data("x".utf8).write(to: URL(filePath: "\(bad)/more"))
            }
            await #expect(throws: OperatorFault.self, "another installation's") {
                try await self.restore(house, good, key: key, to: "\(house.folder)/restored", master: .random())
            }
            // And the untouched one is taken.
            _ = try await self.restore(house, good, key: key, to: "\(house.folder)/restored")
        }
    }

    @Test func `a manifest cannot name a place outside of the data folder`() async throws {
        try await OperatorInstallation.with { house in
            let backup = "\(house.folder)/backup"
            try await house.perform(.backup(to: backup, unencrypted: true))
            let path = URL(filePath: "\(backup)/manifest.json")
            let text = try String(contentsOf: path, encoding: .utf8)
            let spoiled = text.replacing("\"name\" : \"cyberconfiance.sqlite\"", with: "\"name\" : \"../outside\"")
            #expect(spoiled != text)
            try Data(spoiled.utf8).write(to: path)
            try FileManager.default.moveItem(
                atPath: "\(backup)/cyberconfiance.sqlite",
                toPath: "\(house.folder)/outside"
            )
            // Also where the signature cannot be checked.
            let reader = BackupReader(folder: backup, key: nil, verifying: nil)
            await #expect(throws: OperatorFault("the manifest names ../outside: refused")) {
                try await reader.restore(to: "\(house.folder)/restored") { _ in }
            }
        }
    }
}
