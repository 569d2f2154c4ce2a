import Casework
import Foundation
import Indicators
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `Coming back` {
    @Test(arguments: TestEngine.available)
    func `a visit lasts while pages are asked for, and ends after forty minutes without one`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let code = try await rooms.report().code
            let token = try #require(try await rooms.intake.visit(code))
            for _ in 1...5 {
                rooms.clock.advance(29 * 60)
                #expect(try await rooms.intake.resume(token) != nil)
            }
            rooms.clock.advance(50 * 60)
            #expect(try await rooms.intake.resume(token) == nil)
            // Another visit sweeps the ended one away.
            _ = try await rooms.intake.visit(code)
            #expect(
                try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM reporter_session") } == 1
            )
        }
    }

    @Test(arguments: TestEngine.available)
    func `leaving ends the visit, and no other`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let code = try await rooms.report().code
            let first = try #require(try await rooms.intake.visit(code))
            let second = try #require(try await rooms.intake.visit(code))
            try await rooms.intake.end(first)
            #expect(try await rooms.intake.resume(first) == nil)
            #expect(try await rooms.intake.resume(second) != nil)
            #expect(try await rooms.intake.resume(.random()) == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a stolen visit opens nothing without the cookie`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let mine = try #require(try await rooms.intake.visit(try await rooms.report("mine").code))
            let yours = try #require(try await rooms.intake.visit(try await rooms.report("yours").code))
            #expect(!(try await Dump(rooms.database)).holds(mine.text))
            try await rooms.database.write { tx in
                let sealed = try tx.value(
                    Data.self,
                    "SELECT sealed FROM reporter_session WHERE token_hash = \(yours.hash)"
                )
                let report = try tx.value(
                    String.self,
                    "SELECT report_id FROM reporter_session WHERE token_hash = \(yours.hash)"
                )
                try tx.execute(
                    "UPDATE reporter_session SET sealed = \(sealed), report_id = \(report) WHERE token_hash = \(mine.hash)"
                )
            }
            await #expect(throws: VaultError.self) { try await rooms.intake.resume(mine) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `what is added later is read in order by both sides`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.analyst(of: desk)
            let acceptance = try await rooms.report()
            let visit = try await rooms.visit(acceptance.code)
            rooms.clock.advance(3600)
            try await rooms.intake.write("more", in: visit)
            try await rooms.intake.add([Indicator(kind: .phone, written: "0612345678")], in: visit)
            try await rooms.intake.reveal(name: "Salma", contact: "here", in: visit)
            let file = try await rooms.casework.open(acceptance.report.id, for: analyst).file
            try await rooms.casework.reply(
                "answer",
                on: acceptance.report.id,
                version: file.version,
                asking: false,
                for: analyst
            )
            for opened in [
                try await rooms.intake.open(visit),
                try await rooms.casework.open(acceptance.report.id, for: analyst).opened,
            ] {
                let said = opened.entries.map { entry -> String in
                    switch entry.body {
                    case .answers: "\(entry.author) answers"
                    case .receipt: "\(entry.author) receipt"
                    case .message(let text): "\(entry.author) \(text)"
                    case .identity(let name, let contact): "\(entry.author) \(name ?? "") \(contact ?? "")"
                    case .status(let state, _): "\(entry.author) \(state)"
                    }
                }
                #expect(
                    said == [
                        "reporter answers", "system receipt", "reporter more", "reporter Salma here", "desk answer",
                    ]
                )
                #expect(opened.entries.map(\.position) == [0, 1, 2, 3, 4])
                #expect(opened.items.map(\.indicator.written) == ["0612345678"])
                #expect(opened.entries[2].at == rooms.clock.now)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `two who write at the same moment are both kept`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let visit = try await rooms.visit(try await rooms.report().code)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...10 { group.addTask { try await rooms.intake.write("message \(number)", in: visit) } }
                try await group.waitForAll()
            }
            let entries = try await rooms.intake.open(visit).entries
            #expect(entries.map(\.position) == Array(0..<12))
        }
    }

    @Test(arguments: TestEngine.available)
    func `withdrawing closes the case, and once is enough`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            let acceptance = try await rooms.report()
            let visit = try await rooms.visit(acceptance.code)
            try await rooms.intake.withdraw(visit)
            let file = try await rooms.casework.open(acceptance.report.id, for: analyst).file
            #expect(file.state == .closed)
            #expect(file.closingReason == .withdrawn)
            let count = try await rooms.intake.open(visit).entries.count
            await #expect(throws: DomainError.conflict("casework.already-closed")) {
                try await rooms.intake.withdraw(visit)
            }
            #expect(try await rooms.intake.open(visit).entries.count == count)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a reporter's answer takes a waiting case up again`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            let acceptance = try await rooms.report()
            let id = acceptance.report.id
            func file() async throws -> CaseFile { try await rooms.casework.open(id, for: analyst).file }
            try await rooms.casework.triage(
                id,
                version: try await file().version,
                category: "scam",
                urgency: .normal,
                for: analyst
            )
            try await rooms.casework.move(id, version: try await file().version, .start, for: analyst)
            try await rooms.casework.reply(
                "When?",
                on: id,
                version: try await file().version,
                asking: true,
                for: analyst
            )
            #expect(try await file().state == .awaitingReporter)
            try await rooms.intake.write("Yesterday", in: try await rooms.visit(acceptance.code))
            let unread = try await rooms.casework.queue(QueueFilter(view: .unread), for: analyst).cases
            #expect(unread.map(\.reportId) == [id])
            #expect(unread.first?.state == .inProgress)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a hundred indicators are the most`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let visit = try await rooms.visit(try await rooms.report(items: [.url: ["a.example"]]).code)
            let many = (1...99).map { Indicator(kind: .url, written: "\($0).example") }
            try await rooms.intake.add(many, in: visit)
            await #expect(throws: DomainError.conflict("error.too-many-items")) {
                try await rooms.intake.add([Indicator(kind: .url, written: "b.example")], in: visit)
            }
            #expect(try await rooms.intake.open(visit).items.count == 100)
        }
    }

    @Test(arguments: TestEngine.available)
    func `index rows of an older normaliser are renewed when somebody reads the report`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            let id = try await rooms.report(items: [.url: ["https://evil.example/a"], .phone: ["0612345678"]]).report.id
            func rows() async throws -> Set<String> {
                Set(
                    try await rooms.database.read {
                        try $0.values(
                            String.self,
                            "SELECT token FROM indicator_index WHERE normaliser = \(Normaliser.version)"
                        )
                    }
                )
            }
            let fresh = try await rows()
            #expect(fresh.count == 3)
            try await rooms.database.write { tx in
                try tx.execute("UPDATE indicator_index SET normaliser = 0, token = 'old' || token")
            }
            #expect(try await rows().isEmpty)
            _ = try await rooms.casework.open(id, for: analyst)
            #expect(try await rows() == fresh)
        }
    }
}
