import ArgumentParser
import Foundation

/// What `bin/bench` measures inside of one process, and what it needs beside the server: a bare route to compare with
/// and a large number of cases. Prints JSON. No part of the server.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measurements inside of one process; bin/bench runs them all.",
        subcommands: [Bare.self, Reports.self, Related.self, Fill.self]
    )

    static func print(_ figures: [String: Double]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        FileHandle.standardOutput.write(try encoder.encode(figures) + Data("\n".utf8))
    }
}
