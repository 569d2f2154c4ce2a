import ArgumentParser

@main
struct Cyberconfiance: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cyberconfiance",
        abstract: "The open platform of trust online: guided help, reports, and the desk that answers them.",
        discussion: "Settings come from the environment; docs/operator.md lists them.",
        subcommands: [
            Serve.self, Migrate.self, Doctor.self, ContentCommand.self, AuditCommand.self, ReceiptCommand.self,
            StaffCommand.self,
            Backup.self, Restore.self, CopyToPostgres.self, RetentionCommand.self, KeysCommand.self,
        ]
    )
}
