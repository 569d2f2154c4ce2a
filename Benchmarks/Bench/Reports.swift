import ArgumentParser
import Casework
import Foundation
import Intake
import Storage
import Vault

/// What a report costs: sealed, durable, and the step from code to keys beside it.
struct Reports: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "What keeping a report costs.")

    @Option(help: "A path without a file yet, or an empty PostgreSQL database.") var database: String
    @Option(help: "Folder of the texts and forms.") var resources = "Resources"
    @Option(help: "Reports with the cheap step; a tenth of them with the real one.") var count = 1000

    func run() async throws {
        var figures: [String: Double] = [:]
        figures["argon2_ms"] = try await self.argon2()

        let folder = URL(fileURLWithPath: self.resources, isDirectory: true)
        let cheap = try await Rooms(
            self.database,
            resources: folder,
            cost: Argon2Cost(memoryKiB: 8, passes: 1)
        )
        // Files, statements and pages are warm afterwards.
        try await Self.submit(50, to: cheap)
        let many = try await Measure.run { try await Self.submit(self.count, to: cheap) }
        figures["report_cpu_ms"] = many.cpu * 1000 / Double(self.count)
        figures["reports_per_second"] = Double(self.count) / many.wall
        try await cheap.database.close()

        let real = try await Rooms(self.database, resources: folder, cost: .receipt)
        let few = max(10, self.count / 10)
        let full = try await Measure.run { try await Self.submit(few, to: real) }
        figures["report_with_argon2_cpu_ms"] = full.cpu * 1000 / Double(few)
        figures["reports_with_argon2_per_second"] = Double(few) / full.wall
        figures["read_after_ms"] = try await self.readAfter(real)
        try await real.database.close()
        try Bench.print(figures)
    }

    /// Processor milliseconds of the derivation alone.
    private func argon2() async throws -> Double {
        let rounds = 20
        let measure = try await Measure.run {
            for _ in 0..<rounds {
                _ = try Argon2.id(
                    Data("12345678901234567890123456".utf8),
                    salt: Data(repeating: 1, count: 32),
                    secret: Data(repeating: 2, count: 32),
                    associated: Data(),
                    cost: .receipt,
                    count: 64
                )
            }
        }
        return measure.cpu * 1000 / Double(rounds)
    }

    /// Sixteen reporters at a time.
    private static func submit(_ count: Int, to rooms: Rooms) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for reporter in 0..<16 {
                group.addTask {
                    for number in stride(from: reporter, to: count, by: 16) { _ = try await rooms.submit(number) }
                }
            }
            try await group.waitForAll()
        }
    }

    /// From sending a report until an analyst has it open in clear, with nobody else about; the median.
    private func readAfter(_ rooms: Rooms) async throws -> Double {
        var times: [Double] = []
        for number in 0..<20 {
            let measure = try await Measure.run {
                let acceptance = try await rooms.submit(number)
                _ = try await rooms.casework.open(acceptance.report.id, for: rooms.analyst)
            }
            times.append(measure.wall * 1000)
        }
        return times.percentile(0.5)
    }
}
