import Foundation
import Storage
import Vault

/// What a backup consists of and what was found in it when it was made. `restore` believes nothing else.
package struct BackupManifest: Codable, Sendable, Equatable {
    /// A file as it lies in the backup, sealed or not.
    package struct File: Codable, Sendable, Equatable {
        /// Where it belongs in the data folder; in the backup, a sealed one ends in `.sealed`.
        package let name: String
        package let bytes: Int
        /// 64 hexadecimal digits.
        package let sha256: String
    }

    static let format = "cyberconfiance/backup/v1"
    static let name = "manifest.json"
    static let signatureName = "manifest.sig"

    package let format: String
    /// Random; part of what every sealed file is bound to.
    package let id: String
    package let madeAt: String
    /// `sqlite` or `postgres`; a PostgreSQL backup has no database file.
    package let engine: String
    package let isEncrypted: Bool
    package let database: DatabaseExamination
    package let files: [File]

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        return try encoder.encode(self)
    }

    /// Signs manifests: whoever has the public backup key can seal, but only this installation can sign.
    package static func signingKey(_ masterKey: MasterKey) -> SigningKey {
        SigningKey(masterKey.derive("backup-signing"))
    }

    static let context = SealContext("backup-manifest")

    func context(_ name: String) -> SealContext { Self.context(id: self.id, name) }
    static func context(id: String, _ name: String) -> SealContext { SealContext("backup-file", id, name) }

    func summary(_ folder: String) -> String {
        let bytes = self.files.reduce(0) { $0 + $1.bytes }
        let rows = self.database.counts.values.reduce(0, +)
        let head = self.database.auditHead.map { "\($0.seq):\($0.hash)" } ?? "none"
        return """
            \(folder): \(self.files.count) files, \(bytes) bytes, \(rows) rows, \
            \(self.database.counts["report"] ?? 0) reports, \
            \(self.isEncrypted ? "sealed to the backup key" : "NOT encrypted as a whole (content is sealed all the same)").
            Audit head: \(head)
            """
    }
}

/// Names in the data folder that a backup takes with it. Never the master key.
enum BackupFiles {
    static let database = "cyberconfiance.sqlite"
    /// The folder of sealed files.
    static let blobs = "blobs"
    /// The invented staff of a demonstration, without whom it does not start.
    static let demonstration = "demo-staff.json"
    /// When the last backup was finished; for `doctor`.
    static let marker = "last-backup"

    /// Only such names may come out of a manifest: it says where files are written.
    static func isKnown(_ name: String) -> Bool {
        if name == self.database || name == self.demonstration { return true }
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count > 1 && parts[0] == self.blobs
            && parts.allSatisfy { part in
                !part.isEmpty
                    && part.utf8.allSatisfy { byte in
                        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
                    }
            }
    }

    /// Files below a folder, as paths relative to it, sorted; none when there is no folder.
    static func list(_ folder: String) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        var names: [String] = []
        while let name = walk.nextObject() as? String {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: "\(folder)/\(name)", isDirectory: &isFolder), !isFolder.boolValue
            {
                names.append(name)
            }
        }
        return names.sorted()
    }
}
