import Foundation
import Glibc
import Storage
import Vault

/// Brings a backup back into an empty folder, and believes nothing that it has not checked.
package struct BackupReader: Sendable {
    static let sealedEnding = ".sealed"
    private static let work = "restoring"
    /// What may be in an empty folder: the lock, and the key that is kept apart.
    private static let allowed: Set<String> = ["lock", "master.key", "lost+found"]

    private let folder: String
    private let key: PrivateBox?
    private let verifying: VerifyingKey?

    /// - Parameters:
    ///   - folder: the backup.
    ///   - key: the private half of the backup key, for one that is encrypted.
    ///   - verifying: the installation's key that signed it; `nil` when the master key is not at hand.
    package init(folder: String, key: PrivateBox?, verifying: VerifyingKey?) {
        self.folder = folder
        self.key = key
        self.verifying = verifying
    }

    /// - Returns: what was proved, a sentence each.
    /// - Throws: `OperatorFault`. The folder is then as it was before.
    package func restore(to data: String, _ tell: @Sendable (String) -> Void) async throws -> [String] {
        try Self.refuseUnlessEmpty(data)
        try FileManager.default.createDirectory(
            atPath: data,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let lock = try DataFolderLock(data)
        defer { withExtendedLifetime(lock) {} }
        tell("checking the manifest")
        let (manifest, signature) = try self.manifest()
        try await self.check(manifest, tell)
        let work = "\(data)/\(Self.work)"
        do {
            try NewFile.makeFolder(work)
            let proofs = try await self.unpack(manifest, work, tell)
            try self.settle(manifest, work, data)
            return [signature, "every file is as the manifest has it: \(manifest.files.count)"] + proofs
        } catch {
            try? FileManager.default.removeItem(atPath: work)
            throw error
        }
    }

    private static func refuseUnlessEmpty(_ folder: String) throws {
        guard FileManager.default.fileExists(atPath: folder) else { return }
        let found = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !Self.allowed.contains($0) }
        guard found.isEmpty else {
            throw OperatorFault(
                "\(folder) is not empty (\(found.sorted().prefix(3).joined(separator: ", "))): name another"
            )
        }
    }

    private func manifest() throws -> (BackupManifest, signature: String) {
        let path = "\(self.folder)/\(BackupManifest.name)"
        let encoded: Data
        if let plain = try? Data(contentsOf: URL(filePath: path)) {
            encoded = plain
        } else if let sealed = try? Data(contentsOf: URL(filePath: path + Self.sealedEnding)) {
            guard let key = self.key else {
                throw OperatorFault("the backup is encrypted: name the private key's file with --backup-key")
            }
            do {
                var opener = FileOpener(box: key, BackupManifest.context)
                encoded = try opener.update(sealed) + opener.finish()
            } catch {
                throw OperatorFault("the manifest does not open: another backup key, or it was altered")
            }
        } else {
            throw OperatorFault("there is no \(BackupManifest.name) in \(self.folder): it is not a finished backup")
        }
        guard let manifest = try? JSONDecoder().decode(BackupManifest.self, from: encoded),
            manifest.format == BackupManifest.format
        else { throw OperatorFault("the manifest is not one of \(BackupManifest.format)") }
        return (manifest, try self.signature(of: encoded))
    }

    private func signature(of encoded: Data) throws -> String {
        guard let verifying = self.verifying else {
            return "NOT checked: the signature (no master key at hand). Compare the audit head with one you noted"
        }
        let text = try? String(contentsOfFile: "\(self.folder)/\(BackupManifest.signatureName)", encoding: .utf8)
        guard let bytes = text.flatMap({ Data(base64Encoded: $0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
            verifying.isValid(signature: bytes, for: encoded)
        else { throw OperatorFault("the manifest is not signed by this installation: it was altered, or is another's") }
        return "the manifest is signed by this installation"
    }

    /// Before anything is written: names, sizes, hashes, and nothing more or less than what the manifest names.
    private func check(_ manifest: BackupManifest, _ tell: @Sendable (String) -> Void) async throws {
        let ending = manifest.isEncrypted ? Self.sealedEnding : ""
        for (number, file) in manifest.files.enumerated() {
            if number % 200 == 0 { tell("checking file \(number + 1) of \(manifest.files.count)") }
            guard BackupFiles.isKnown(file.name) else {
                throw OperatorFault("the manifest names \(file.name): refused")
            }
            let path = "\(self.folder)/\(file.name)\(ending)"
            guard let found = try await offThread({ try FileCopy.digest(of: path) }) else {
                throw OperatorFault("\(file.name) is missing")
            }
            guard found.bytes == file.bytes, found.sha256 == file.sha256 else {
                throw OperatorFault("\(file.name) is not what was saved: it was altered or is damaged")
            }
        }
        let named =
            Set(manifest.files.map { $0.name + ending })
            .union([BackupManifest.name + ending, BackupManifest.signatureName])
        if let other = try BackupFiles.list(self.folder).first(where: { !named.contains($0) }) {
            throw OperatorFault("\(other) is not in the manifest: it does not belong to this backup")
        }
    }

    private func unpack(_ manifest: BackupManifest, _ work: String, _ tell: @Sendable (String) -> Void) async throws
        -> [String]
    {
        for (number, file) in manifest.files.enumerated() {
            if number % 200 == 0 { tell("writing file \(number + 1) of \(manifest.files.count)") }
            let source = "\(self.folder)/\(file.name)\(manifest.isEncrypted ? Self.sealedEnding : "")"
            let cipher: FileCopy.Cipher
            if manifest.isEncrypted {
                guard let key = self.key else {
                    throw OperatorFault("the backup is encrypted: --backup-key is missing")
                }
                cipher = .open(key, manifest.context(file.name))
            } else {
                cipher = .none
            }
            do {
                _ = try await offThread { try FileCopy.run(from: source, to: "\(work)/\(file.name)", cipher) }
            } catch is VaultError { throw OperatorFault("\(file.name) does not open: another backup key, or altered") }
        }
        guard manifest.engine == "sqlite" else {
            return [
                "the database is PostgreSQL's: bring it back with pg_restore, then compare with "
                    + manifest.database.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    .joined(separator: ", ")
            ]
        }
        tell("reading the database")
        let found = try await BackupWriter.proven("\(work)/\(BackupFiles.database)")
        return try Self.compare(found, manifest.database)
    }

    private static func compare(_ found: DatabaseExamination, _ saved: DatabaseExamination) throws -> [String] {
        guard found == saved else {
            let tables = saved.counts.filter { found.counts[$0.key] != $0.value }.keys.sorted()
            throw OperatorFault("the database is not the one that was saved: \(tables.joined(separator: ", "))")
        }
        return [
            "the database is sound: pages, indexes and references",
            "rows are as saved: \(saved.counts.values.reduce(0, +)) in \(saved.counts.count) tables, "
                + "\(saved.counts["report"] ?? 0) reports",
            "the audit log verifies up to \(saved.auditHead.map { "\($0.seq):\($0.hash)" } ?? "its beginning")",
            "its schema has \(saved.migrations.count) steps; run `cyberconfiance migrate` with a newer program",
        ]
    }

    /// Into place by renaming, the database last: a folder without it is not an installation.
    private func settle(_ manifest: BackupManifest, _ work: String, _ data: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: work).filter { $0 != BackupFiles.database }
        let last = manifest.engine == "sqlite" ? [BackupFiles.database] : []
        for name in names.sorted() + last {
            guard rename("\(work)/\(name)", "\(data)/\(name)") == 0 else {
                throw OperatorFault("cannot move \(name) to \(data): \(String(cString: strerror(errno)))")
            }
        }
        try NewFile.synchronizeFolder(of: "\(data)/x")
        try? FileManager.default.removeItem(atPath: work)
    }
}
