import ArgumentParser
import Dispatch
import Foundation

@main
enum Main {
    static func main() {
        // First of all and without the thread pool: a process that has threads may not leave the network.
        if CommandLine.arguments.dropFirst().first == "child" {
            ChildCommand.main(Array(CommandLine.arguments.dropFirst(2)))
            exit(0)
        }
        Task {
            await Cyberconfiance.main()
            exit(0)
        }
        dispatchMain()
    }
}

struct Cyberconfiance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cyberconfiance",
        abstract: "The open platform of trust online: guided help, reports, and the desk that answers them.",
        discussion: "Settings come from the environment; docs/operator.md lists them.",
        subcommands: [
            Serve.self, Migrate.self, Doctor.self, ContentCommand.self, AuditCommand.self, ReceiptCommand.self,
            MailCommand.self,
            StaffCommand.self,
            Backup.self, Restore.self, CopyToPostgres.self, RetentionCommand.self, KeysCommand.self,
        ]
    )
}
