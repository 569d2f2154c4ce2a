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

@Suite struct `The queue` {
    /// Case files without reports: enough for a list.
    private func fill(_ rooms: Rooms, _ count: Int, seed: UInt64) async throws {
        var random = Seeded(seed)
        let first = Day(rawValue: "2026-01-01")!
        let rows = (0..<count).map { number in
            (
                id: Report.ID.random(), reference: String(1_000_000_000 + number), urgency: random.number(0...3),
                day: first + random.number(0...4),
                state: random.pick(["received", "triaged", "in-progress", "closed"]),
                category: random.pick(["scam", "phishing"]), unit: random.chance(10) ? "child" : "desk",
                unread: random.number(0...1)
            )
        }
        try await rooms.database.write { tx in
            for row in rows {
                try tx.execute(
                    """
                    INSERT INTO case_file \(values: [
                        "report_id": row.id, "reference": row.reference, "kind": "story", "category": row.category,
                        "unit": row.unit, "language": "fr", "identity": "anonymous", "state": row.state,
                        "closing_reason": row.state == "closed" ? "handled" : nil as String?, "urgency": row.urgency,
                        "received_day": row.day, "unread": row.unread, "version": 1,
                    ])
                    """
                )
            }
        }
    }

    private func all(_ rooms: Rooms, _ filter: QueueFilter, limit: Int, _ access: DeskAccess) async throws -> [CaseFile]
    {
        var cases: [CaseFile] = []
        var cursor: String?
        repeat {
            let page = try await rooms.casework.queue(filter, after: cursor, limit: limit, for: access)
            #expect(page.cases.count <= limit)
            #expect(page.next == nil || page.cases.count == limit)
            cases += page.cases
            cursor = page.next
        } while cursor != nil
        return cases
    }

    @Test(arguments: TestEngine.available, [1, 7, 50])
    func `pages give every case exactly once, most urgent first, then the oldest`(engine: TestEngine, limit: Int)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            try await self.fill(rooms, 120, seed: UInt64(limit))
            let cases = try await self.all(rooms, QueueFilter(), limit: limit, analyst)
            let expected = try await rooms.database.read {
                try $0.value(Int.self, "SELECT count(*) FROM case_file WHERE unit = 'desk' AND state <> 'closed'")
            }
            #expect(cases.count == expected)
            #expect(Set(cases.map(\.reportId)).count == cases.count)
            for (left, right) in zip(cases, cases.dropFirst()) {
                let (a, b) = (
                    (3 - left.urgency.rawValue, left.receivedDay.rawValue, "\(left.reportId)"),
                    (3 - right.urgency.rawValue, right.receivedDay.rawValue, "\(right.reportId)")
                )
                #expect(a < b)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `each view shows its own, and the counts say how many`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            try await self.fill(rooms, 60, seed: 9)
            let first = try #require(try await rooms.casework.queue(QueueFilter(), limit: 1, for: analyst).cases.first)
            try await rooms.casework.take(first.reportId, version: first.version, for: analyst)
            let counts = try await rooms.casework.counts(for: analyst)
            for view in QueueFilter.View.allCases {
                let cases = try await self.all(rooms, QueueFilter(view: view), limit: 11, analyst)
                #expect(counts.byView[view] == cases.count, "\(view)")
                for file in cases {
                    #expect(file.unit == .desk)
                    #expect(file.state.isOpen == (view != .closed))
                    if view == .unread { #expect(file.unread > 0) }
                    if view == .unassigned { #expect(file.assigneeId == nil) }
                    if view == .mine { #expect(file.assigneeId == analyst.principal.id) }
                }
            }
            #expect(counts.byView[.mine] == 1)
            let scams = try await self.all(rooms, QueueFilter(category: "scam", urgency: .high), limit: 11, analyst)
            #expect(!scams.isEmpty && scams.allSatisfy { $0.category == "scam" && $0.urgency == .high })
        }
    }

    @Test(arguments: TestEngine.available)
    func `a cursor that is none begins at the beginning`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            try await self.fill(rooms, 5, seed: 2)
            let first = try await rooms.casework.queue(QueueFilter(), for: analyst).cases.map(\.reportId)
            for text in NaughtyStrings.all + [
                "1_2026-01-01", "x_2026-01-01_\(Report.ID.random())", "1_2026-13-01_\(Report.ID.random())",
            ] {
                #expect(
                    try await rooms.casework.queue(QueueFilter(), after: text, for: analyst).cases.map(\.reportId)
                        == first
                )
            }
            for limit in [Int.min, -1, 0] {
                #expect(try await rooms.casework.queue(QueueFilter(), limit: limit, for: analyst).cases.count == 1)
            }
            #expect(try await rooms.casework.queue(QueueFilter(), limit: .max, for: analyst).cases.count == first.count)
        }
    }

    @Test(arguments: TestEngine.available)
    func `imminent danger comes first`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            for _ in 1...3 { try await rooms.report() }
            rooms.clock.advance(86_400)
            let urgent = try await rooms.report(kind: "danger").report.id
            let cases = try await rooms.casework.queue(QueueFilter(), for: analyst).cases
            #expect(cases.first?.reportId == urgent)
            #expect(cases.first?.urgency == .imminentDanger)
        }
    }

    @Test(arguments: TestEngine.available)
    func `many are taken at once, and one that somebody else has stops none of the others`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.analyst(of: desk)
            let other = try await rooms.analyst("other@desk.example", of: desk)
            for _ in 1...5 { try await rooms.report() }
            let cases = try await rooms.casework.queue(QueueFilter(), for: analyst).cases
            try await rooms.casework.take(cases[2].reportId, version: 1, for: other)
            let result = try await rooms.casework.take(
                cases.map { SeenCase(id: $0.reportId, version: $0.version) },
                for: analyst
            )
            #expect(result.done == 4)
            #expect(result.refused == [cases[2].reportId])
            let mine = try await rooms.casework.queue(QueueFilter(view: .mine), for: analyst).cases
            #expect(Set(mine.map(\.reportId)) == Set(cases.map(\.reportId)).subtracting([cases[2].reportId]))
        }
    }

    @Test(arguments: TestEngine.available)
    func `a case is found by its reference and by what it names, however that is written`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.analyst(of: desk)
            let acceptance = try await rooms.report(
                items: [
                    .url: ["https://evil.example/pay?x=1"], .phone: ["06 12 34 56 78"], .email: ["A@Evil.example"],
                    .iban: ["011519000001205000534921"], .account: ["@Salma.B"],
                ]
            )
            for _ in 1...3 { try await rooms.report(items: [.url: ["other.example"]]) }
            let reference = acceptance.report.reference
            for text in [
                reference, " \(reference) ", "\(reference.prefix(5)) \(reference.dropFirst(5))",
                "hxxps[:]//evil[.]example/pay?x=1",
                "evil.example", "HTTPS://EVIL.EXAMPLE/pay?x=1#y", "+212612345678", "00212 6 12 34 56 78",
                "a@evil.example",
                "MA64 0115 1900 0001 2050 0053 4921", "salma.b",
            ] {
                #expect(
                    try await rooms.casework.search(text, for: analyst).map(\.reportId) == [acceptance.report.id],
                    "\(text)"
                )
            }
            for text in NaughtyStrings.all { _ = try await rooms.casework.search(text, for: analyst) }
            #expect(try await rooms.casework.search("", for: analyst).isEmpty)
            let child = try await rooms.access(
                try await rooms.signIn(try await rooms.staff([.childProtection], "c@desk.example", of: desk))
            )
            #expect(try await rooms.casework.search(reference, for: child).isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `reports that name the same thing find each other`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let analyst = try await rooms.analyst(of: try await rooms.openDesk())
            let first = try await rooms.report(items: [.phone: ["0612345678"], .url: ["https://evil.example/a"]]).report
                .id
            let second = try await rooms.report(items: [.phone: ["+212 6 12 34 56 78"]]).report.id
            let third = try await rooms.report(items: [.url: ["http://www.evil.example/b"]]).report.id
            _ = try await rooms.report(items: [.phone: ["0612345679"]])
            let opened = try await rooms.casework.open(first, for: analyst)
            let related = Dictionary(
                uniqueKeysWithValues: opened.opened.items.map {
                    ($0.indicator.kind, opened.related[$0.id]?.map(\.reportId) ?? [])
                }
            )
            #expect(related == [.phone: [second], .url: [third]])
        }
    }
}
