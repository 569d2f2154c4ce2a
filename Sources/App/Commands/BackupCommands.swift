import ArgumentParser
import Foundation
import Storage
import Vault

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a consistent copy of the installation in a new folder, while the server runs or not.",
        discussion: """
            The copy is read back before it counts: pages, references, audit log, rows. It is sealed to BACKUP_KEY, so \
            that this machine cannot read it again. The master key is never in it: keep that apart. With PostgreSQL the \
            database itself is saved by pg_dump before; this copies files and takes down what there is.
            """
    )

    @Option(help: "The folder to make. It must not exist; the one it is in must.", completion: .directory)
    var to: String

    @Flag(help: "Allow it without a BACKUP_KEY. Reports stay sealed; what the server can read is readable.")
    var unencrypted = false

    func run() async throws {
        let config = try AppConfig.fromProcess()
        let folder = URL(filePath: self.to).path(percentEncoded: false)
        try await AdminRoute.print(.backup(to: folder, unencrypted: self.unencrypted), config)
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring a backup back into an empty folder and say what was proved about it.",
        discussion: """
            Checks every file against the manifest, the database's pages and references, the chain of the audit log and \
            the number of rows. What was erased since the backup was made is there again: run `retention run` afterwards.
            """
    )

    @Option(help: "The folder that `backup` made.", completion: .directory)
    var from: String

    @Option(help: "The private half of the backup key, as `keys backup-pair` wrote it.", completion: .file())
    var backupKey: String?

    @Option(help: "The data folder to fill: not there, or empty.", completion: .directory)
    var to: String

    func run() async throws {
        let config = try AppConfig.fromProcess()
        do {
            let master = try? MasterKey.load(path: config.masterKeyFile)
            let reader = BackupReader(
                folder: self.from,
                key: try self.backupKey.map { try PrivateBox.loadBackupKey(path: $0) },
                verifying: master.map { BackupManifest.signingKey($0).publicKey }
            )
            let proofs = try await reader.restore(to: self.to) { line in
                FileHandle.standardError.write(Data("… \(line)\n".utf8))
            }
            print("Restored to \(self.to).\n" + proofs.map { "  \($0)" }.joined(separator: "\n"))
            print("Next: the master key in its place, `doctor`, `retention run`, then `serve`.")
        } catch { throw OperatorFault(OperatorFault.sentence(error)) }
    }
}

struct CopyToPostgres: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy-to-postgres",
        abstract: "Move an installation from SQLite to PostgreSQL. The server must not run.",
        discussion: """
            All or nothing, in one transaction, into an empty database. Files and keys stay where they are. Afterwards \
            set DATABASE_URL to the same address, start, and move the SQLite file away. A password need not be on the \
            command line: libpq also takes it from PGPASSWORD or ~/.pgpass.
            """
    )

    @Option(help: "postgres://user@host:port/database")
    var to: String

    func run() async throws {
        let config = try AppConfig.fromProcess()
        do { try await self.copy(config) } catch { throw OperatorFault(OperatorFault.sentence(error)) }
    }

    private func copy(_ config: AppConfig) async throws {
        guard config.databaseURL == nil else {
            throw OperatorFault("DATABASE_URL is set: this installation is on PostgreSQL already")
        }
        guard FileManager.default.fileExists(atPath: config.dataFolder) else {
            throw OperatorFault("there is no \(config.dataFolder): set DATA to the folder of the installation")
        }
        // Held by a running server: then this refuses.
        let lock = try DataFolderLock(config.dataFolder)
        defer { withExtendedLifetime(lock) {} }
        let source = try await AdminRoute.existing(config)
        let target = try await Startup.postgres(self.to)
        let counts = try await Database.copy(from: source, to: target, schemas: Schemas.all)
        try await source.close()
        try await target.close()
        for (table, count) in counts.sorted(by: { $0.key < $1.key }) where count > 0 { print("\(table): \(count)") }
        print(
            """
            Copied, \(counts.values.reduce(0, +)) rows. Now set DATABASE_URL, start the server, open a report, and move \
            \(config.dataFolder)/\(BackupFiles.database) away.
            """
        )
    }
}
