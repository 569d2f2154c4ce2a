import Foundation
import Glibc
import Kernel
import Storage
import Vault

/// Makes a backup while the server goes on. What is in the finished folder has been read back and found sound.
package struct BackupWriter: Sendable {
    private let database: Database
    private let dataFolder: String
    private let key: PublicBox?
    private let signing: SigningKey
    private let clock: Clock

    package init(database: Database, dataFolder: String, key: PublicBox?, signing: SigningKey, clock: Clock) {
        self.database = database
        self.dataFolder = dataFolder
        self.key = key
        self.signing = signing
        self.clock = clock
    }

    /// - Parameters:
    ///   - folder: absolute; must not exist, its parent must.
    ///   - unencrypted: allows it without a backup key; with one it is sealed all the same.
    /// - Throws: `OperatorFault`. Nothing of an attempt that failed stays.
    package func write(
        to folder: String,
        unencrypted: Bool,
        _ tell: @Sendable (String) -> Void
    ) async throws -> BackupManifest {
        if self.key == nil, !unencrypted {
            throw OperatorFault(
                """
                BACKUP_KEY is not set, so the backup would not be encrypted. Make a pair on another machine \
                (`cyberconfiance keys backup-pair --out FILE`) and set BACKUP_KEY to the line it prints; or say \
                --unencrypted: reports stay sealed in it, but categories, days, states and staff are readable.
                """
            )
        }
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        let partial = "\(folder).partial"
        for path in [folder, partial] where FileManager.default.fileExists(atPath: path) {
            throw OperatorFault("\(path) is there already: a backup is a new folder. Name another, or delete it")
        }
        let snapshot = "\(self.dataFolder)/snapshot-\(UUID().uuidString.lowercased()).sqlite"
        try self.removeLeftovers()
        defer { for end in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: snapshot + end) } }
        do {
            try NewFile.makeFolder(partial)
            let manifest = try await self.fill(partial, snapshot, tell)
            guard rename(partial, folder) == 0 else {
                throw OperatorFault("cannot name it \(folder): \(String(cString: strerror(errno)))")
            }
            try NewFile.synchronizeFolder(of: folder)
            try Data("\(manifest.madeAt)\n".utf8).write(to: URL(filePath: "\(self.dataFolder)/\(BackupFiles.marker)"))
            return manifest
        } catch {
            try? FileManager.default.removeItem(atPath: partial)
            throw error
        }
    }

    private func fill(_ folder: String, _ snapshot: String, _ tell: @Sendable (String) -> Void) async throws
        -> BackupManifest
    {
        let id = UUID().uuidString.lowercased()
        let isSQLite = self.database.dialect == .sqlite
        let database: DatabaseExamination
        if isSQLite {
            tell("copying the database")
            try await self.database.backup(to: snapshot)
            tell("reading the copy back")
            database = try await Self.proven(snapshot)
        } else {
            tell("PostgreSQL: the database itself is saved by pg_dump, beside this backup; see docs/runbook")
            database = try await self.database.examine()
        }
        // After the database: a file is on disk before the row that names it, so every row in the copy has its file.
        var sources = isSQLite ? [(name: BackupFiles.database, path: snapshot)] : []
        sources += try BackupFiles.list("\(self.dataFolder)/\(BackupFiles.blobs)").map {
            ("\(BackupFiles.blobs)/\($0)", "\(self.dataFolder)/\(BackupFiles.blobs)/\($0)")
        }
        let staff = "\(self.dataFolder)/\(BackupFiles.demonstration)"
        if FileManager.default.fileExists(atPath: staff) { sources.append((BackupFiles.demonstration, staff)) }
        var files: [BackupManifest.File] = []
        for (number, source) in sources.enumerated() {
            if number % 200 == 0 { tell("file \(number + 1) of \(sources.count)") }
            let cipher: FileCopy.Cipher =
                self.key.map { .seal($0, BackupManifest.context(id: id, source.name)) } ?? .none
            let target = "\(folder)/\(source.name)\(self.key == nil ? "" : BackupReader.sealedEnding)"
            let (bytes, hash) = try await offThread { try FileCopy.run(from: source.path, to: target, cipher) }
            files.append(BackupManifest.File(name: source.name, bytes: bytes, sha256: hash))
        }
        let manifest = BackupManifest(
            format: BackupManifest.format,
            id: id,
            madeAt: self.clock.now().ISO8601Format(),
            engine: isSQLite ? "sqlite" : "postgres",
            isEncrypted: self.key != nil,
            database: database,
            files: files
        )
        tell("writing the manifest")
        try self.write(manifest, folder)
        return manifest
    }

    private func write(_ manifest: BackupManifest, _ folder: String) throws {
        let encoded = try manifest.encoded()
        let path = "\(folder)/\(BackupManifest.name)"
        if let key = self.key {
            var sealer = try FileSealer(to: key, BackupManifest.context)
            try FileCopy.write(
                sealer.start() + sealer.update(encoded) + sealer.finish(),
                to: path + BackupReader.sealedEnding
            )
        } else {
            try FileCopy.write(encoded, to: path)
        }
        let signature = self.signing.sign(encoded).base64EncodedString()
        try FileCopy.write(Data("\(signature)\n".utf8), to: "\(folder)/\(BackupManifest.signatureName)")
    }

    /// A copy that is not sound is no backup.
    static func proven(_ path: String) async throws -> DatabaseExamination {
        let copy = try await Database.open(.sqlite(path))
        do {
            let damage = try await copy.damage()
            guard damage.isEmpty else {
                throw OperatorFault("the database is damaged: \(damage.joined(separator: "; "))")
            }
            let examination = try await copy.examine()
            let verdict = try await AuditLog.chained.verify(copy, witnesses: [examination.auditHead].compactMap(\.self))
            guard case .intact = verdict else {
                throw OperatorFault("the audit log does not verify: run `cyberconfiance audit verify`")
            }
            // What opening it wrote lies in the log, which closing leaves.
            try await copy.checkpoint()
            try await copy.close()
            for end in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + end) }
            return examination
        } catch {
            try? await copy.close()
            throw error
        }
    }

    /// Of attempts whose process ended.
    private func removeLeftovers() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: self.dataFolder)
        where name.hasPrefix("snapshot-") {
            try? FileManager.default.removeItem(atPath: "\(self.dataFolder)/\(name)")
        }
    }
}
