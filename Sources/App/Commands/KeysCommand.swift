import ArgumentParser
import Foundation
import Vault

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Look after the installation's keys.",
        subcommands: [Rotate.self, BackupPair.self]
    )

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Go over to new keys where that can be done without losing anything.",
            discussion: """
                Rotated: the key that matches indicators (at once; a report's rows are renewed when somebody reads it, \
                until then they are found by the older key), and the keys of forms, guided help and enrolment (at the \
                next start of each server; forms that are open then are refused once and shown again).

                Not rotated, because people hold what hangs on it: the pepper of receipt codes and passwords, the keys \
                that sign receipts and backups, the keys of units, staff and reports. All are made from the master key: \
                whoever has that one has the new keys too. A pepper can change for a person only when they sign in, \
                which this version does not do yet. After the loss of the master key to somebody else, see the runbook \
                on incidents.
                """
        )

        func run() async throws { try await AdminRoute.print(.rotateKeys, try AppConfig.fromProcess()) }
    }

    struct BackupPair: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup-pair",
            abstract: "Make the pair that backups are sealed to. Do it on a machine that is not the server.",
            discussion: """
                Prints the public half, one line, for BACKUP_KEY. The private half opens every backup: keep the file \
                offline, twice.
                """
        )

        @Option(help: "New file for the private half, mode 0400.", completion: .file())
        var out: String

        func run() throws {
            do { print(try PrivateBox.createBackupKey(path: self.out).text) } catch VaultError.keyFile(let reason) {
                throw OperatorFault(reason)
            }
        }
    }
}
