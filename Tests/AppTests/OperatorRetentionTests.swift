import App
import Casework
import Foundation
import Intake
import Kernel
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct OperatorRetentionTests {
    private struct Keys: Decodable {
        let reporterKey: Data
        let reporterWrap: Data
        let unitWrap: Data
    }

    private func purged(_ database: Database) async throws -> [String] {
        try await database.read { tx in
            try AuditLog.entries(tx).filter { $0.action == "casework.case.purged" }.map(\.subject).sorted()
        }
    }

    @Test(arguments: TestEngine.available)
    func `a dry run changes nothing, and a run erases exactly the cases that are due`(engine: TestEngine) async throws {
        try await OperatorInstallation.with(engine) { house in
            let old = try await house.report("old \(OperatorInstallation.word)")
            let alsoOld = try await house.report("also old")
            let held = try await house.report("held")
            let handover = try await house.report("not handed over")
            for report in [old, alsoOld, held] { try await house.close(report.report.id) }
            try await house.close(handover.report.id, category: "child-abuse")
            try await house.casework.hold(
                held.report.id,
                authority: "DGSN (fictif)",
                reason: "requisition 12 of the court",
                version: try await house.version(held.report.id),
                for: house.senior
            )
            house.clock.pass(days: 1)
            let young = try await house.report("young")
            try await house.close(young.report.id)
            let open = try await house.report("open")
            house.clock.pass(days: 89)

            let before = try await house.database.examine()
            let said = try await house.perform(.retention(isDryRun: true))
            #expect(said.hasPrefix("2 cases"))
            #expect(said.contains("scam: 2"))
            #expect(said.contains("the oldest was closed on 2026-11-25"))
            #expect(said.contains("held for an enquiry, kept: 1"))
            #expect(said.contains("awaiting a recorded hand-over, kept: 1"))
            #expect(try await house.database.examine() == before)

            try await house.perform(.retention(isDryRun: false))
            let after = try await house.database.examine()
            #expect(after.counts["report"] == 4)
            #expect(after.counts["case_file"] == 4)
            #expect(after.counts["case_statistic"] == 2)
            #expect(try await self.purged(house.database) == [old, alsoOld].map { "\($0.report.id)" }.sorted())
            #expect(try await AuditLog.chained.verify(house.database) == .intact(count: after.auditHead?.seq ?? 0))
            for report in [old, alsoOld] {
                #expect(try await house.story(report.code) == nil)
                await #expect(throws: DomainError.notFound) {
                    try await house.casework.open(report.report.id, for: house.senior)
                }
                let left = try await house.database.read { tx in
                    try ["report_entry", "report_item", "indicator_index", "reporter_session", "case_transition"].map {
                        try tx.value(Int.self, "SELECT count(*) FROM \(raw: $0) WHERE report_id = \(report.report.id)")
                    }
                }
                #expect(left == [0, 0, 0, 0, 0])
            }
            #expect(try await house.story(held.code) == "held")
            #expect(try await house.story(young.code) == "young")
            #expect(try await house.story(open.code) == "open")

            // The day after, the young one is due; when the enquiry is over, the held one.
            house.clock.pass(days: 1)
            #expect(try await house.perform(.retention(isDryRun: false)).hasPrefix("1 cases erased"))
            let version = try await house.version(held.report.id)
            try await house.casework.endHold(held.report.id, version: version, for: house.senior)
            #expect(try await house.perform(.retention(isDryRun: false)).hasPrefix("1 cases erased"))
            #expect(try await house.perform(.retention(isDryRun: false)).hasPrefix("0 cases erased"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a hold needs the permission, a named authority and a reason, and is read by the desk`(engine: TestEngine)
        async throws
    {
        try await OperatorInstallation.with(engine) { house in
            let id = try await house.report("a story").report.id
            let senior = house.senior.principal
            let analyst = DeskAccess(
                principal: Principal(id: senior.id, name: "Analyst", permissions: [.readCases, .workCases]),
                unitKeys: [:]
            )
            await #expect(throws: DomainError.forbidden) {
                try await house.casework.hold(id, authority: "DGSN", reason: "an enquiry", version: 1, for: analyst)
            }
            await #expect(throws: InputErrors.self) {
                try await house.casework.hold(id, authority: "", reason: "short", version: 1, for: house.senior)
            }
            #expect(try await house.casework.hold(of: id, for: house.senior) == nil)
            try await house.casework.hold(id, authority: "DGSN", reason: "an enquiry", version: 1, for: house.senior)
            let hold = try await house.casework.hold(of: id, for: house.senior)
            #expect(hold?.authority == "DGSN")
            #expect(hold?.reason == "an enquiry")
            let log = try await house.database.read { try AuditLog.entries($0, subject: "\(id)") }
            #expect(log.map(\.action).contains("casework.case.held"))
            // The log names neither.
            #expect(log.allSatisfy { !$0.detail.contains("DGSN") && !$0.detail.contains("enquiry") })
        }
    }

    /// P8 of the security bar.
    @Test func `no byte of an erased report's keys is left in any file`() async throws {
        try await OperatorInstallation.with { house in
            var reports: [Acceptance] = []
            for number in 0..<60 { reports.append(try await house.report("story \(number)")) }
            let due = reports.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            for report in due { try await house.close(report.report.id) }
            func secrets(_ reports: [Acceptance]) async throws -> [Data] {
                let ids = reports.map(\.report.id)
                return try await house.database.read { tx in
                    let keys = try tx.all(
                        Keys.self,
                        "SELECT reporter_key, reporter_wrap, unit_wrap FROM report WHERE id IN \(list: ids)"
                    )
                    let wraps = try tx.values(
                        Data.self,
                        "SELECT wrap FROM report_entry WHERE report_id IN \(list: ids)"
                    )
                    return keys.flatMap { [$0.reporterKey, $0.reporterWrap, $0.unitWrap] } + wraps
                }
            }
            // Two files, one of a report that is due.
            let store = try BlobStore(root: house.data)
            let (dueFile, keptFile) = ("0a1b2c3d-due-file", "0a1b2c3d-kept-file")
            for (report, file) in [(due[0], dueFile), (reports[1], keptFile)] {
                let writer = try await store.create(file)
                try await writer.append(Data("sealed \(file)".utf8))
                try await writer.commit()
                try await house.database.write { tx in
                    try tx.execute(
                        """
                        INSERT INTO attachment \(values: [
                            "id": report.report.id, "report_id": report.report.id, "position": 0,
                            "day": report.report.day, "once": file, "blob_id": file, "size": 1,
                            "wrap": Data([1]), "sealed": Data([2]),
                        ])
                        """
                    )
                }
            }
            // Any 24 bytes of the end, which is the part that opens something.
            let gone = try await secrets(due).map { Data($0.suffix(24)) }
            let kept = try await secrets(reports.filter { report in !due.contains { $0.code == report.code } })
                .map { Data($0.suffix(24)) }
            #expect(gone.count >= 30 * 5)
            house.clock.pass(days: 90)
            try await house.perform(.retention(isDryRun: false))
            var found = 0
            for bytes in gone { found += try house.files(holding: bytes, below: house.data).count }
            #expect(found == 0)
            #expect(try await store.open(dueFile) == nil)
            #expect(try await store.open(keptFile) != nil)
            #expect(try house.files(holding: Data(dueFile.utf8), below: house.data) == [])
            // The search does find the keys of those that stay.
            for bytes in kept.prefix(20) {
                #expect(try house.files(holding: bytes, below: house.data) == ["cyberconfiance.sqlite"])
            }
        }
    }
}
