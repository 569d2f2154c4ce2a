import ArgumentParser
import Storage

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Look into the audit log.",
        subcommands: [Verify.self]
    )

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute the chain and name the first entry that is not as it was written.",
            discussion: "A head that was noted earlier (number and hash) also proves that nothing was cut off since."
        )

        @Option(help: "A head noted earlier: NUMBER:HASH.")
        var head: [String] = []

        func run() async throws {
            let config = try AppConfig.fromProcess()
            let witnesses = try self.head.map { text -> AuditLog.Head in
                let parts = text.split(separator: ":")
                guard parts.count == 2, let seq = Int(parts[0]) else { throw ValidationError("--head is NUMBER:HASH") }
                return AuditLog.Head(seq: seq, hash: String(parts[1]))
            }
            try await AdminRoute.print(.verifyAudit(heads: witnesses), config)
        }
    }
}
