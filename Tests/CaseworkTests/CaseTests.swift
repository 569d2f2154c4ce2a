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

/// One desk with one case and one analyst.
private struct Scene {
    let rooms: Rooms
    let desk: Rooms.Desk
    let analyst: DeskAccess
    let acceptance: Acceptance
    var id: Report.ID { self.acceptance.report.id }

    init(_ rooms: Rooms, items: [Indicator.Kind: [String]] = [:]) async throws {
        self.rooms = rooms
        self.desk = try await rooms.openDesk()
        self.analyst = try await rooms.analyst(of: self.desk)
        self.acceptance = try await rooms.report(items: items)
    }

    func file() async throws -> CaseFile {
        let page = try await self.rooms.casework.files([self.id], for: self.analyst)
        return try #require(page.first)
    }

    func entries() async throws -> [AuditLog.Entry] {
        try await self.rooms.database.read { try AuditLog.entries($0, subject: "\(self.id)") }.reversed()
    }
}

@Suite struct `Work on a case` {
    @Test(arguments: TestEngine.available, [1, 2, 3, 4, 5, 6] as [UInt64])
    func `random events never leave the table, and every transition has its entry in a log that verifies`(
        engine: TestEngine,
        seed: UInt64
    ) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let visit = try await rooms.visit(scene.acceptance.code)
            var random = Seeded(seed)
            var state = CaseState.received
            var transitions = 0
            let before = try await rooms.database.read { try AuditLog.head($0)?.seq } ?? 0
            var acts = 0
            for _ in 1...30 {
                let event = random.pick(CaseState.events)
                let version = try await scene.file().version
                let expected = state.after(event)
                do {
                    switch event {
                    case .triage where state != .received:
                        // Classifying again is no transition.
                        try await rooms.casework.triage(
                            scene.id,
                            version: version,
                            category: "scam",
                            urgency: .high,
                            for: scene.analyst
                        )
                        acts += 1
                        continue
                    case .triage:
                        try await rooms.casework.triage(
                            scene.id,
                            version: version,
                            category: "scam",
                            urgency: .high,
                            for: scene.analyst
                        )
                    case .askReporter:
                        try await rooms.casework.reply(
                            "?",
                            on: scene.id,
                            version: version,
                            asking: true,
                            for: scene.analyst
                        )
                    case .reporterAnswered:
                        guard state == .awaitingReporter else { continue }
                        try await rooms.intake.write("!", in: visit)
                    case .close(.withdrawn): try await rooms.intake.withdraw(visit)
                    default: try await rooms.casework.move(scene.id, version: version, event, for: scene.analyst)
                    }
                    // Purging belongs to retention.
                    let next = try #require(event == .purge ? nil : expected, "\(event) in \(state)")
                    state = next
                    transitions += 1
                    acts += 1
                } catch let error as DomainError {
                    #expect(expected == nil || event == .purge, "\(event) in \(state): \(error)")
                }
                #expect(try await scene.file().state == state, "\(event)")
                if random.chance(30) { rooms.clock.advance(3600 * 20) }
            }
            let opened = try await rooms.casework.open(scene.id, for: scene.analyst)
            #expect(opened.transitions.count == transitions)
            #expect(opened.transitions.map(\.position) == Array(0..<transitions))
            #expect(opened.transitions.first?.fromState ?? .received == .received)
            for (left, right) in zip(opened.transitions, opened.transitions.dropFirst()) {
                #expect(left.toState == right.fromState)
            }
            for transition in opened.transitions {
                #expect(CaseState.events.contains { transition.fromState.after($0) == transition.toState })
                #expect((transition.reason != nil) == (transition.toState == .closed))
            }
            #expect((opened.file.closingReason != nil) == (state == .closed))
            #expect((opened.file.closedDay != nil) == (state == .closed))
            // One entry for each act, and one for the reading just now.
            let after = try await rooms.database.read { try AuditLog.head($0)?.seq } ?? 0
            #expect(after - before == acts + 1)
            guard case .intact = try await rooms.audit.verify(rooms.database) else {
                Issue.record("the log does not verify")
                return
            }
            // The reporter's timeline ends on the state that the desk sees.
            let told = opened.opened.entries.compactMap { entry -> String? in
                if case .status(let state, _) = entry.body { return state }
                return nil
            }
            if state == .closed { #expect(["closed", "withdrawn"].contains(told.last)) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `purging and the reporter's answer are not a person's to choose`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            for event in [CaseState.Event.purge, .reporterAnswered] {
                await #expect(throws: DomainError.conflict("casework.illegal-transition")) {
                    try await rooms.casework.move(scene.id, version: 1, event, for: scene.analyst)
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a refused change leaves nothing, not even its entry`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let before = try await scene.entries().count
            await #expect(throws: DomainError.conflict("casework.illegal-transition")) {
                try await rooms.casework.reply("?", on: scene.id, version: 1, asking: true, for: scene.analyst)
            }
            #expect(try await scene.entries().count == before)
            #expect(try await scene.file().version == 1)
            #expect(try await rooms.opened(by: scene.acceptance.code).entries.count == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two changes to the same version the later is refused`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let outcomes = await withTaskGroup(of: String.self) { group in
                for number in 1...5 {
                    group.addTask {
                        do {
                            try await rooms.casework.note(
                                "note \(number)",
                                on: scene.id,
                                version: 1,
                                for: scene.analyst
                            )
                            return "done"
                        } catch { return "\(error)" }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == "done" } == 1)
            #expect(outcomes.count { $0.contains("casework.changed-meanwhile") } == 4)
            #expect(try await rooms.casework.open(scene.id, for: scene.analyst).notes.count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `what the reporter adds makes the analyst look again before deciding`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            try await rooms.intake.write("wait", in: try await rooms.visit(scene.acceptance.code))
            await #expect(throws: DomainError.conflict("casework.changed-meanwhile")) {
                try await rooms.casework.move(scene.id, version: 1, .close(.abusive), for: scene.analyst)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a case somebody works on cannot be changed by another until they let go or fifteen minutes pass`(
        engine: TestEngine
    ) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let other = try await rooms.analyst("other@desk.example", of: scene.desk)
            try await rooms.casework.take(scene.id, version: 1, for: scene.analyst)
            func note(_ access: DeskAccess) async throws {
                try await rooms.casework.note("x", on: scene.id, version: try await scene.file().version, for: access)
            }
            await #expect(throws: DomainError.conflict("casework.locked")) { try await note(other) }
            await #expect(throws: DomainError.conflict("casework.locked")) {
                try await rooms.casework.take(scene.id, version: try await scene.file().version, for: other)
            }
            #expect(
                try await scene.file().lockedBy(otherThan: other.principal.id, at: rooms.clock.now)
                    == scene.analyst.principal.id
            )
            #expect(try await scene.file().lockedBy(otherThan: scene.analyst.principal.id, at: rooms.clock.now) == nil)
            // Reading is for everybody.
            _ = try await rooms.casework.open(scene.id, for: other)
            try await note(scene.analyst)
            rooms.clock.advance(15 * 60)
            try await note(other)
            try await rooms.casework.take(scene.id, version: try await scene.file().version, for: other)
            await #expect(throws: DomainError.conflict("casework.locked")) { try await note(scene.analyst) }
            try await rooms.casework.release(scene.id, version: try await scene.file().version, for: other)
            try await note(scene.analyst)
        }
    }

    @Test(arguments: TestEngine.available)
    func `closing lets go of the case`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            try await rooms.casework.take(scene.id, version: 1, for: scene.analyst)
            try await rooms.casework.move(
                scene.id,
                version: try await scene.file().version,
                .close(.handled),
                for: scene.analyst
            )
            #expect(try await scene.file().lockId == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the first answer or move acknowledges the report, later ones do not move the day`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            rooms.clock.advance(86_400)
            let day = rooms.clock.clock.today()
            try await rooms.casework.reply("Hello", on: scene.id, version: 1, asking: false, for: scene.analyst)
            #expect(try await scene.file().acknowledgedDay == day)
            rooms.clock.advance(86_400)
            try await rooms.casework.triage(
                scene.id,
                version: try await scene.file().version,
                category: "scam",
                urgency: .low,
                for: scene.analyst
            )
            #expect(try await scene.file().acknowledgedDay == day)
        }
    }

    @Test(arguments: TestEngine.available)
    func `reading a case leaves an entry and marks it read, for who works on it only`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            let legal = try await rooms.access(
                try await rooms.signIn(try await rooms.staff([.legal], "legal@desk.example", of: scene.desk))
            )
            _ = try await rooms.casework.open(scene.id, for: legal)
            #expect(try await scene.file().unread == 1)
            _ = try await rooms.casework.open(scene.id, for: scene.analyst)
            #expect(try await scene.file().unread == 0)
            #expect(try await scene.entries().map(\.action) == ["casework.case.read", "casework.case.read"])
        }
    }

    @Test(arguments: TestEngine.available)
    func `who may read and not work changes nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms, items: [.url: ["a.example"]])
            let item = try await rooms.opened(by: scene.acceptance.code).items[0].id
            let legal = try await rooms.access(
                try await rooms.signIn(try await rooms.staff([.legal], "legal@desk.example", of: scene.desk))
            )
            let casework = rooms.casework
            let id = scene.id
            let acts: [@Sendable () async throws -> Void] = [
                { try await casework.take(id, version: 1, for: legal) },
                { try await casework.release(id, version: 1, for: legal) },
                { try await casework.triage(id, version: 1, category: "scam", urgency: .low, for: legal) },
                { try await casework.move(id, version: 1, .close(.handled), for: legal) },
                { try await casework.reply("x", on: id, version: 1, asking: false, for: legal) },
                { try await casework.note("x", on: id, version: 1, for: legal) },
                { try await casework.assess(item, of: id, version: 1, state: .assessed, grade: "x", for: legal) },
            ]
            for act in acts { await #expect(throws: DomainError.forbidden) { try await act() } }
            #expect(try await scene.file().version == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `who holds no key or no permission sees nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            for role in [Role.auditor, .statistician, .administrator, .childProtection] {
                let person = try await rooms.staff([role], "\(role.rawValue)@desk.example", of: scene.desk)
                let access = try await rooms.access(try await rooms.signIn(person))
                await #expect(throws: DomainError.notFound, "\(role)") {
                    try await rooms.casework.open(scene.id, for: access)
                }
                await #expect(throws: DomainError.self) {
                    try await rooms.casework.note("x", on: scene.id, version: 1, for: access)
                }
                if role != .childProtection {
                    await #expect(throws: DomainError.forbidden) {
                        try await rooms.casework.queue(QueueFilter(), for: access)
                    }
                    await #expect(throws: DomainError.forbidden) { try await rooms.casework.counts(for: access) }
                    await #expect(throws: DomainError.forbidden) { try await rooms.casework.search("x", for: access) }
                }
            }
            // An analyst without the key yet.
            let administrator = try await rooms.signIn(scene.desk.administrator)
            let link = try await rooms.identity.invite(
                email: "w@desk.example",
                name: "Waits",
                roles: ["analyst"],
                by: administrator
            )
            let waiting = try await rooms.access(try await rooms.signIn(try await rooms.accept(link)))
            #expect(!waiting.holdsKeys)
            await #expect(throws: DomainError.forbidden) { try await rooms.casework.open(scene.id, for: waiting) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `notes do not open with the reporter's key and are not shown to the reporter`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            try await rooms.casework.note("between us", on: scene.id, version: 1, for: scene.analyst)
            let notes = try await rooms.casework.open(scene.id, for: scene.analyst).notes
            #expect(notes.map(\.text) == ["between us"])
            #expect(notes.first?.actor == "\(scene.analyst.principal.id)")
            #expect(notes.first?.at == rooms.clock.now)
            #expect(!"\(try await rooms.opened(by: scene.acceptance.code))".contains("between us"))
            struct Row: Decodable {
                let id: String
                let wrap: Data
                let sealed: Data
            }
            // Put where the reporter's entries are, it opens neither as what it was nor as what it is called there.
            let row = try #require(
                try await rooms.database.read { try $0.one(Row.self, "SELECT id, wrap, sealed FROM case_note") }
            )
            try await rooms.database.write { tx in
                try tx.execute("UPDATE report_entry SET wrap = \(row.wrap), sealed = \(row.sealed) WHERE position = 0")
            }
            await #expect(throws: VaultError.self) { try await rooms.opened(by: scene.acceptance.code) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `texts of the desk are checked like those of anybody`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            for text in ["", "  ", "a\u{0}b", String(repeating: "a", count: 8001)] {
                await #expect(throws: InputErrors.self) {
                    try await rooms.casework.reply(text, on: scene.id, version: 1, asking: false, for: scene.analyst)
                }
                await #expect(throws: InputErrors.self) {
                    try await rooms.casework.note(text, on: scene.id, version: 1, for: scene.analyst)
                }
            }
            #expect(try await scene.file().version == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `an answer to a closed case is refused`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms)
            try await rooms.casework.move(scene.id, version: 1, .close(.handled), for: scene.analyst)
            await #expect(throws: DomainError.conflict("casework.already-closed")) {
                try await rooms.casework.reply(
                    "x",
                    on: scene.id,
                    version: try await scene.file().version,
                    asking: false,
                    for: scene.analyst
                )
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `an indicator is classified along its table, with a grade`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms, items: [.url: ["a.example"]])
            let foreign = try await rooms.opened(by: try await rooms.report(items: [.url: ["b.example"]]).code).items[0]
                .id
            let item = try await rooms.opened(by: scene.acceptance.code).items[0].id
            func assess(_ item: Identifier<Item>, _ state: ItemState, _ grade: String) async throws {
                try await rooms.casework.assess(
                    item,
                    of: scene.id,
                    version: try await scene.file().version,
                    state: state,
                    grade: grade,
                    for: scene.analyst
                )
            }
            await #expect(throws: DomainError.conflict("casework.illegal-transition")) {
                try await assess(item, .ready, "phishing")
            }
            await #expect(throws: DomainError.self) { try await assess(item, .assessed, "") }
            await #expect(throws: DomainError.notFound) { try await assess(foreign, .assessed, "phishing") }
            await #expect(throws: DomainError.notFound) { try await assess(.random(), .assessed, "phishing") }
            try await assess(item, .assessed, "phishing")
            try await assess(item, .policeHold, "")
            try await assess(item, .ready, "")
            let assessment = try await rooms.casework.open(scene.id, for: scene.analyst).assessments[item]
            #expect(assessment?.state == .ready)
            #expect(assessment?.grade == "phishing")
            #expect(try await scene.entries().filter { $0.action == "casework.item.assessed" }.count == 3)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the log never holds what was written`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let scene = try await Scene(rooms, items: [.url: ["canary.example"]])
            try await rooms.casework.note("canary note", on: scene.id, version: 1, for: scene.analyst)
            try await rooms.casework.reply(
                "canary reply",
                on: scene.id,
                version: try await scene.file().version,
                asking: false,
                for: scene.analyst
            )
            try await rooms.intake.write("canary message", in: try await rooms.visit(scene.acceptance.code))
            let entries = try await rooms.database.read { try AuditLog.entries($0) }
            for entry in entries {
                let text = "\(entry.actor) \(entry.action) \(entry.subject) \(entry.detail)"
                #expect(!text.contains("canary"))
                #expect(!text.contains(scene.acceptance.report.reference))
                #expect(!text.contains("desk.example"))
            }
        }
    }
}
