import Foundation
import Kernel
import Storage
import Vault

/// From the command line to the process that may write: the running server, or else this one.
enum AdminRoute {
    /// - Returns: what was done.
    /// - Throws: `OperatorFault`.
    static func run(_ command: AdminCommand, _ config: AppConfig, tell: @escaping @Sendable (String) -> Void)
        async throws
        -> String
    {
        do { return try await self.route(command, config, tell) } catch {
            throw OperatorFault(OperatorFault.sentence(error))
        }
    }

    /// Prints progress to standard error and the result to standard output.
    static func print(_ command: AdminCommand, _ config: AppConfig) async throws {
        let result = try await self.run(command, config) { line in
            FileHandle.standardError.write(Data("… \(line)\n".utf8))
        }
        Swift.print(result)
    }

    private static func route(
        _ command: AdminCommand,
        _ config: AppConfig,
        _ tell: @escaping @Sendable (String) -> Void
    ) async throws -> String {
        // Before the lock, which would make the folder.
        guard FileManager.default.fileExists(atPath: config.dataFolder) else {
            throw OperatorFault("there is no \(config.dataFolder): set DATA to the folder of the installation")
        }
        let lock: DataFolderLock
        do { lock = try DataFolderLock(config.dataFolder) } catch StorageError.busy(let holder) {
            guard FileManager.default.fileExists(atPath: "\(config.dataFolder)/\(AdminSocket.name)") else {
                throw OperatorFault("\(holder), and it takes no commands: wait until it has ended or is ready")
            }
            return try await AdminSocket.ask(command, folder: config.dataFolder, tell: tell)
        }
        defer { withExtendedLifetime(lock) {} }
        let database = try await self.existing(config)
        do {
            let actions = try OperatorActions(
                database: database,
                masterKey: try MasterKey.load(path: config.masterKeyFile),
                dataFolder: config.dataFolder,
                backupKey: config.backupKey,
                retentionDays: config.retentionDays,
                clock: .system
            )
            let result = try await actions.perform(command, tell)
            try await database.close()
            return result
        } catch {
            try? await database.close()
            throw error
        }
    }

    /// An installation's database, of this version. Never makes one.
    static func existing(_ config: AppConfig) async throws -> Database {
        if config.databaseURL == nil,
            !FileManager.default.fileExists(atPath: "\(config.dataFolder)/\(BackupFiles.database)")
        {
            throw OperatorFault(
                "there is no database in \(config.dataFolder): set DATA, or DATABASE_URL for PostgreSQL"
            )
        }
        let database = try await Startup.open(config)
        do { try await database.verify(Schemas.all) } catch {
            try? await database.close()
            throw error
        }
        return database
    }
}
