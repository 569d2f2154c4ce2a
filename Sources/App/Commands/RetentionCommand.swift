import ArgumentParser
import Foundation

struct RetentionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention",
        abstract: "Erase what has been kept long enough.",
        subcommands: [Run.self]
    )

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Erase the cases that were closed RETENTION_DAYS ago (90), as the server does every day.",
            discussion: """
                A case is erased by destroying its keys, with everything that was said in it; only its category and \
                days remain, without a name or number. Cases held for an authority's open enquiry are passed over.
                """
        )

        @Flag(help: "Only say how many cases of each category are due, and how old the oldest is.")
        var dryRun = false

        func run() async throws {
            try await AdminRoute.print(.retention(isDryRun: self.dryRun), try AppConfig.fromProcess())
        }
    }
}
