import ArgumentParser
import Foundation
import Identity
import Kernel
import Storage
import Vault

struct StaffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "staff",
        abstract: "Look after the accounts of staff.",
        subcommands: [Invite.self]
    )

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite somebody and print their one-time link.",
            discussion: """
                For a stopped server; while it runs, invite from the desk's team page. The invitation carries no key: \
                whoever is to read reports waits until a key-holder grants it. The log names "system" as who invited.
                """
        )

        @Option(help: "Their e-mail address, under which they will sign in.")
        var email: String

        @Option(help: "Their name as colleagues see it, 2 to 80 characters; they may change it.")
        var name: String

        @Option(help: "A role; repeat it for several: \(Role.allCases.map(\.rawValue).joined(separator: ", ")).")
        var role: [String]

        func run() async throws {
            let config = try AppConfig.fromProcess()
            let lock = try Self.lock(config)
            defer { withExtendedLifetime(lock) {} }
            // Opening would make a database, and a database without its key keeps the server from starting.
            guard config.databaseURL != nil || FileManager.default.fileExists(atPath: config.masterKeyFile) else {
                throw Self.nothingThere(config)
            }
            let database = try await Startup.open(config)
            let link: Result<SecretToken, any Error>
            do { link = .success(try await self.invite(config, database)) } catch { link = .failure(error) }
            try await database.close()
            print("\(config.deskOrigin)/fr/invitation?jeton=\(try link.get().text)")
            FileHandle.standardError.write(Data("Works once, for three days, and is not shown again.\n".utf8))
        }

        private static func lock(_ config: AppConfig) throws -> DataFolderLock {
            do { return try DataFolderLock(config.dataFolder) } catch StorageError.busy(let why) {
                throw Startup.Fault(
                    description: "the server is running (\(why)): invite from the desk's team page, or stop it first"
                )
            }
        }

        private static func nothingThere(_ config: AppConfig) -> Startup.Fault {
            Startup.Fault(
                description: "there is no installation in \(config.dataFolder) yet: start the server once, "
                    + "which prints the first two links"
            )
        }

        private func invite(_ config: AppConfig, _ database: Database) async throws -> SecretToken {
            guard let installation = try? await Installation.read(database) else {
                throw Self.nothingThere(config)
            }
            try await database.verify(Schemas.all)
            let master = try MasterKey.load(path: config.masterKeyFile)
            let identity = try Identity(
                database: database,
                audit: AuditLog { fields, previous in
                    AuditHash.chain(previous: previous, leaf: AuditHash.leaf(fields))
                },
                master: master,
                derivation: KeyDerivation(masterKey: master, systemSalt: installation.salt),
                permissions: Roles.permissions,
                clock: .system,
                isDemonstration: installation.isDemo
            )
            do {
                return try await identity.inviteBySystem(email: self.email, name: self.name, roles: self.role)
            } catch let errors as InputErrors {
                throw ValidationError(errors.items.map(Self.sentence).joined(separator: "\n"))
            }
        }

        private static func sentence(_ item: InputErrors.Item) -> String {
            switch item.messageKey {
            case "error.email-taken": "--email: there is an account with this address already"
            case "error.email": "--email is not an e-mail address"
            case "error.roles-apart": "--role administrator does not go together with a role that reads cases"
            case "error.choose":
                "--role is one of \(Role.allCases.map(\.rawValue).joined(separator: ", "))"
            default: "--\(item.field) is too short, too long, or holds characters that cannot be shown"
            }
        }
    }
}
