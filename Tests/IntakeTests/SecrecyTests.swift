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

@Suite struct `What intake keeps` {
    private let canaries = [
        "canary-story-4711", "canary-number", "canary-name-Salma", "canary-contact@home.example", "canary-host.example",
        "canary-message-0815", "canary-help", "canary-late-name", "canary-late-contact", "canary-late.example",
        "612345999",
    ]

    @Test(arguments: TestEngine.available)
    func `nothing that a reporter or the desk wrote can be read in the database, and all of it when opened`(
        engine: TestEngine
    ) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.analyst(of: desk)
            let submission = try rooms.submission(
                "story",
                RawSubmission(
                    fields: ["story": ["canary-story-4711"], "channel": ["sms"], "number": ["canary-number"]],
                    items: [.url: ["https://canary-host.example/x"], .phone: ["+212 612345999"]],
                    identity: "named",
                    name: "canary-name-Salma",
                    contact: "canary-contact@home.example"
                )
            )
            let acceptance = try await rooms.intake.submit(
                submission,
                formToken: "canary-form-token",
                language: .french,
                help: ["audience": ["canary-help"]]
            )
            let visit = try await rooms.visit(acceptance.code)
            try await rooms.intake.write("canary-message-0815", in: visit)
            try await rooms.intake.reveal(name: "canary-late-name", contact: "canary-late-contact", in: visit)
            try await rooms.intake.add([Indicator(kind: .url, written: "canary-late.example")], in: visit)
            let id = acceptance.report.id
            var version = try await rooms.casework.open(id, for: analyst).file.version
            try await rooms.casework.note("canary-note-2222", on: id, version: version, for: analyst)
            version += 1
            try await rooms.casework.reply("canary-reply-3333", on: id, version: version, asking: false, for: analyst)

            let dump = try await Dump(rooms.database)
            #expect(dump.holds(acceptance.report.reference))
            let written = self.canaries + ["canary-note-2222", "canary-reply-3333"]
            for canary in written + [
                "canary", acceptance.code.digits, "canary-form-token", acceptance.code.groups.joined(separator: " "),
            ] {
                #expect(!dump.holds(canary), "\(canary)")
                #expect(!dump.holds(Data(canary.utf16.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] })), "\(canary)")
            }
            let opened = try await rooms.casework.open(id, for: analyst)
            let all = "\(opened.opened.entries) \(opened.opened.items) \(opened.notes)"
            for canary in written { #expect(all.contains(canary), "\(canary)") }
            let reporters = try await rooms.intake.open(visit)
            let seen = "\(reporters.entries) \(reporters.items)"
            for canary in self.canaries + ["canary-reply-3333"] { #expect(seen.contains(canary), "\(canary)") }
            #expect(!seen.contains("canary-note-2222"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `cells that were swapped do not open`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let first = try await rooms.report("first", items: [.url: ["a.example", "b.example"]])
            let second = try await rooms.report("second", items: [.url: ["c.example"]])
            struct Row: Decodable {
                let id: String
                let wrap: Data
                let sealed: Data
            }
            /// Puts the cells of one row into another, looks, and puts them back.
            func swap(_ table: String, _ from: Row, _ into: Row, _ columns: [String]) async throws {
                func set(_ row: Row) async throws {
                    try await rooms.database.write { tx in
                        for column in columns {
                            let value = column == "wrap" ? row.wrap : row.sealed
                            try tx.execute("UPDATE \(raw: table) SET \(raw: column) = \(value) WHERE id = \(into.id)")
                        }
                    }
                }
                try await set(from)
                await #expect(throws: VaultError.self, "\(table) \(columns)") { try await rooms.opened(by: first.code) }
                try await set(into)
                _ = try await rooms.opened(by: first.code)
            }
            for table in ["report_entry", "report_item"] {
                let (mine, others) = try await rooms.database.read { tx in
                    (
                        try tx.all(
                            Row.self,
                            "SELECT id, wrap, sealed FROM \(raw: table) WHERE report_id = \(first.report.id) ORDER BY position"
                        ),
                        try tx.all(
                            Row.self,
                            "SELECT id, wrap, sealed FROM \(raw: table) WHERE report_id = \(second.report.id) ORDER BY position"
                        )
                    )
                }
                for from in [mine[1], others[0]] {
                    for columns in [["wrap"], ["sealed"], ["wrap", "sealed"]] {
                        try await swap(table, from, mine[0], columns)
                    }
                }
                // One bit.
                for column in ["wrap", "sealed"] {
                    var row = mine[0]
                    var bytes = column == "wrap" ? row.wrap : row.sealed
                    bytes[bytes.count / 2] ^= 1
                    row =
                        column == "wrap"
                        ? Row(id: row.id, wrap: bytes, sealed: row.sealed)
                        : Row(id: row.id, wrap: row.wrap, sealed: bytes)
                    try await swap(table, row, mine[0], [column])
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the keys of two reports that were swapped open neither`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let first = try await rooms.report("first")
            let second = try await rooms.report("second")
            let keys = try await rooms.identity.unitKeys(desk.session)
            for column in ["unit_wrap", "reporter_wrap", "reporter_key"] {
                func move(_ from: Report.ID, _ into: Report.ID) async throws -> Data {
                    try await rooms.database.write { tx in
                        let old = try tx.value(Data.self, "SELECT \(raw: column) FROM report WHERE id = \(into)")!
                        try tx.execute(
                            "UPDATE report SET \(raw: column) = (SELECT \(raw: column) FROM report WHERE id = \(from)) WHERE id = \(into)"
                        )
                        return old
                    }
                }
                let old = try await move(second.report.id, first.report.id)
                if column == "unit_wrap" {
                    await #expect(throws: VaultError.self) {
                        try await rooms.intake.key(of: first.report.id, unitKeys: keys)
                    }
                } else {
                    await #expect(throws: VaultError.self) { try await rooms.opened(by: first.code) }
                }
                try await rooms.database.write {
                    try $0.execute("UPDATE report SET \(raw: column) = \(old) WHERE id = \(first.report.id)")
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `no time finer than a day can be read in intake's tables, and no identifier tells one`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            rooms.clock.advance(7 * 3600 + 1234)
            let acceptance = try await rooms.report("x", items: [.url: ["a.example"]])
            let visit = try await rooms.visit(acceptance.code)
            try await rooms.intake.write("y", in: visit)
            let seconds = Int(rooms.clock.now.timeIntervalSince1970)
            let traces = [
                String(seconds), String(seconds / 60), String(seconds / 600), String(seconds / 3600), "T16", "16:20",
                String(seconds, radix: 16), String(seconds * 1000, radix: 16).prefix(8).description,
            ]
            let dump = try await Dump(rooms.database)
            let tables = [
                "report", "report_entry", "report_item", "indicator_index", "questionnaire_version", "case_file",
                "case_transition",
            ]
            for cell in dump.cells where tables.contains(cell.table) && !cell.isBinary {
                // A random number may look like anything.
                if ["id", "report_id", "item_id", "lookup", "token", "reference", "hash", "questionnaire"].contains(
                    cell.column
                ) {
                    continue
                }
                for trace in traces { #expect(!cell.text.contains(trace), "\(cell.table).\(cell.column) \(cell.text)") }
            }
            for cell in dump.cells
            where tables.contains(cell.table) && ["id", "report_id", "item_id"].contains(cell.column) {
                #expect(Array(cell.text)[14] == "4", "\(cell.table).\(cell.column) \(cell.text)")
            }
            // A visit is known to ten minutes, and goes when it ends.
            let spans = dump.cells.filter { $0.table == "reporter_session" && $0.column == "span" }.map(\.text)
            #expect(spans == [String(seconds / 600)])
        }
    }

    @Test(arguments: TestEngine.available)
    func `the length of a short story cannot be read from its cell`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            for story in ["a", "ab", "a somewhat longer story"] { try await rooms.report(story) }
            let sizes = try await rooms.database.read {
                try $0.values(Int.self, "SELECT DISTINCT length(sealed) FROM report_entry WHERE author = 'reporter'")
            }
            #expect(sizes.count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the same indicator has the same token here and another in another installation`(engine: TestEngine)
        async throws
    {
        var tokens: [Set<String>] = []
        for _ in 1...2 {
            try await Rooms.with(engine) { rooms in
                _ = try await rooms.openDesk()
                try await rooms.report(items: [.phone: ["0612345678"]])
                try await rooms.report(items: [.phone: ["+212 6 12 34 56 78"]])
                let found = try await rooms.database.read {
                    try $0.values(String.self, "SELECT token FROM indicator_index")
                }
                #expect(found.count == 2 && Set(found).count == 1)
                tokens.append(Set(found))
            }
        }
        #expect(tokens[0].isDisjoint(with: tokens[1]))
    }
}
