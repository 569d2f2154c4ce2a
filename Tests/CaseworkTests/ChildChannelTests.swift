import Casework
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `The child-protection channel` {
    private struct Scene {
        let rooms: Rooms
        let desk: Rooms.Desk
        let cleared: DeskAccess
        let analyst: DeskAccess
        let acceptance: Acceptance
        var id: Report.ID { self.acceptance.report.id }

        init(_ rooms: Rooms) async throws {
            self.rooms = rooms
            self.desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(self.desk.administrator).principal
            try await rooms.casework.recordAgreement(
                partner: "Partner",
                address: "https://partner.example/",
                agreement: "2026/1",
                day: "2026-11-01",
                by: administrator
            )
            self.cleared = try await rooms.access(
                try await rooms.signIn(try await rooms.staff([.childProtection], "cleared@desk.example", of: self.desk))
            )
            self.analyst = try await rooms.analyst(of: self.desk)
            try await rooms.casework.recordTest(reference: "T-1", by: self.cleared.principal)
            self.acceptance = try await rooms.report(
                "where",
                kind: "child-abuse",
                items: [.url: ["https://bad.example/x"]]
            )
        }

        func version() async throws -> Int {
            try #require(try await self.rooms.casework.files([self.id], for: self.cleared).first).version
        }
    }

    @Test(arguments: TestEngine.available)
    func `only cleared analysts see that a report of the channel exists`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let casework = rooms.casework
            await #expect(throws: DomainError.notFound) { try await casework.open(scene.id, for: scene.analyst) }
            await #expect(throws: DomainError.forbidden) { try await casework.reveal(scene.id, for: scene.analyst) }
            await #expect(throws: DomainError.notFound) {
                try await casework.note("x", on: scene.id, version: 1, for: scene.analyst)
            }
            #expect(try await casework.queue(QueueFilter(), for: scene.analyst).cases.isEmpty)
            #expect(try await casework.counts(for: scene.analyst).byView[.open] == 0)
            #expect(try await casework.search(scene.acceptance.report.reference, for: scene.analyst).isEmpty)
            #expect(try await casework.search("bad.example", for: scene.analyst).isEmpty)
            #expect(try await casework.files([scene.id], for: scene.analyst).isEmpty)
            #expect(try await casework.queue(QueueFilter(), for: scene.cleared).cases.map(\.reportId) == [scene.id])
            #expect(try await casework.open(scene.id, for: scene.cleared).opened.items.count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a general report that names the same address does not show the child report`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let general = try await rooms.report(items: [.url: ["https://bad.example/x"]]).report.id
            let opened = try await rooms.casework.open(general, for: scene.analyst)
            #expect(opened.related.values.allSatisfy { $0.isEmpty })
        }
    }

    @Test(arguments: TestEngine.available)
    func `the address is destroyed when the partner has acknowledged, and not before`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let casework = rooms.casework
            await #expect(throws: DomainError.conflict("casework.not-handed-over")) {
                try await casework.recordAcknowledgement(scene.id, version: 1, reference: "P-1", for: scene.cleared)
            }
            #expect(try await casework.reveal(scene.id, for: scene.cleared).opened.items.count == 1)
            try await casework.recordHandover(
                scene.id,
                version: try await scene.version(),
                reference: nil,
                for: scene.cleared
            )
            #expect(try await casework.open(scene.id, for: scene.cleared).opened.items.count == 1)
            try await casework.recordAcknowledgement(
                scene.id,
                version: try await scene.version(),
                reference: "P-1",
                for: scene.cleared
            )
            let opened = try await casework.open(scene.id, for: scene.cleared)
            #expect(opened.opened.items.isEmpty)
            #expect(!opened.opened.entries.contains { $0.author == .reporter })
            #expect(opened.file.state == .closed)
            #expect(opened.file.closingReason == .referred)
            let handover = try #require(try await casework.handover(scene.id, for: scene.cleared))
            #expect(handover.partnerReference == "P-1")
            #expect(handover.acknowledgedDay == rooms.clock.clock.today())
            let rows = try await rooms.database.read { tx in
                try ["report_item", "indicator_index"].map { table in
                    try tx.value(Int.self, "SELECT count(*) FROM \(raw: table) WHERE report_id = \(scene.id)")
                }
            }
            #expect(rows == [0, 0])
            // The reporter still learns the outcome.
            let seen = try await rooms.opened(by: scene.acceptance.code)
            guard case .status("closed", "referred") = seen.entries.last?.body else {
                Issue.record("the reporter is not told")
                return
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a report nobody acknowledged raises an alarm from the next day on`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 0)
            rooms.clock.advance(24 * 3600)
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 1)
            try await rooms.casework.recordHandover(
                scene.id,
                version: try await scene.version(),
                reference: "x",
                for: scene.cleared
            )
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 1)
            try await rooms.casework.recordAcknowledgement(
                scene.id,
                version: try await scene.version(),
                reference: "P-1",
                for: scene.cleared
            )
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 0)
            await #expect(throws: DomainError.forbidden) {
                try await rooms.casework.overdueHandovers(for: scene.analyst)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a report that was closed or withdrawn without an acknowledgement still raises the alarm`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            try await rooms.casework.recordHandover(
                scene.id,
                version: try await scene.version(),
                reference: "x",
                for: scene.cleared
            )
            try await rooms.intake.withdraw(try await rooms.visit(scene.acceptance.code))
            rooms.clock.advance(24 * 3600)
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 1)
            // And the acknowledgement that comes later still destroys the address.
            try await rooms.casework.recordAcknowledgement(
                scene.id,
                version: try await scene.version(),
                reference: "P-1",
                for: scene.cleared
            )
            #expect(try await rooms.casework.open(scene.id, for: scene.cleared).opened.items.isEmpty)
            #expect(try await rooms.casework.overdueHandovers(for: scene.cleared) == 0)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a hand-over is recorded by who sees the channel only, for reports of the channel only`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let general = try await rooms.report().report.id
            await #expect(throws: DomainError.forbidden) {
                try await rooms.casework.recordHandover(scene.id, version: 1, reference: nil, for: scene.analyst)
            }
            await #expect(throws: DomainError.forbidden) {
                try await rooms.casework.recordAcknowledgement(scene.id, version: 1, reference: "P", for: scene.analyst)
            }
            let both = try await rooms.access(scene.desk.session)
            await #expect(throws: DomainError.notFound) {
                try await rooms.casework.recordHandover(general, version: 1, reference: nil, for: both)
            }
            await #expect(throws: DomainError.notFound) {
                try await rooms.casework.recordAcknowledgement(general, version: 1, reference: "P-1", for: both)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `who looks at the address leaves an entry of its own`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            _ = try await rooms.casework.reveal(scene.id, for: scene.cleared)
            let actions = try await rooms.database.read { try AuditLog.entries($0, subject: "\(scene.id)") }.map(
                \.action
            )
            #expect(actions.contains("casework.child.revealed"))
            let dump = try await Dump(rooms.database)
            #expect(!dump.holds("bad.example"))
        }
    }
}
