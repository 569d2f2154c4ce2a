import ArgumentParser
import Casework
import Foundation
import Intake
import Storage
import Vault

/// Finding reports that name the same thing among a great many.
struct Related: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Related reports among many indicators.")

    @Option(help: "A path without a file yet, or an empty PostgreSQL database.") var database: String
    @Option(help: "Folder of the texts and forms.") var resources = "Resources"
    @Option(help: "Indicators in the index.") var count = 1_000_000

    func run() async throws {
        let rooms = try await Rooms(
            self.database,
            resources: URL(fileURLWithPath: self.resources, isDirectory: true),
            cost: Argon2Cost(memoryKiB: 8, passes: 1)
        )
        let shared = "https://banque-fictive.example/connexion"
        let first = try await rooms.submit(0, address: shared)
        for number in 1..<20 { _ = try await rooms.submit(number, address: shared) }
        let opened = try await rooms.casework.open(first.report.id, for: rooms.analyst).opened
        let other = try await rooms.submit(20)
        try await Filling.indicators(self.count, of: other.report.id, rooms.database)

        var times: [Double] = []
        for _ in 0..<200 {
            let measure = try await Measure.run {
                let related = try await rooms.intake.related(to: opened)
                guard related.values.contains(where: { $0.count == 19 }) else { throw ExitCode(1) }
            }
            times.append(measure.wall * 1000)
        }
        try await rooms.database.close()
        try Bench.print(["related_p50_ms": times.percentile(0.5), "related_p95_ms": times.percentile(0.95)])
    }
}
