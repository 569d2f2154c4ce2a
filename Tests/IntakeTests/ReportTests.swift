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

@Suite struct `Reports` {
    private func answers(_ opened: OpenedReport) -> Entry.Answers? {
        for entry in opened.entries { if case .answers(let answers) = entry.body { return answers } }
        return nil
    }

    @Test(arguments: TestEngine.available)
    func `a report opens with its code and with the unit's key, and says the same`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let submission = try rooms.submission(
                "story",
                RawSubmission(
                    fields: ["story": ["They asked."], "channel": ["sms"], "number": ["5060"]],
                    items: [.url: ["https://evil.example/a"], .phone: ["0612345678"]],
                    identity: "named",
                    name: "Salma",
                    contact: "salma@home.example"
                )
            )
            let help = ["audience": ["me"], "given": ["card", "paid"]]
            let acceptance = try await rooms.intake.submit(submission, formToken: "t", language: .arabic, help: help)
            #expect(acceptance.receivedAt == rooms.clock.now)
            let typed = try ReceiptCode(typed: acceptance.code.groups.joined(separator: " "))
            let mine = try await rooms.opened(by: typed)
            let key = try await rooms.intake.key(
                of: acceptance.report.id,
                unitKeys: try await rooms.identity.unitKeys(desk.session)
            )
            let theirs = try await rooms.intake.open(acceptance.report, with: key)
            for opened in [mine, theirs] {
                let answers = try #require(self.answers(opened))
                #expect(answers.answers == ["story": ["They asked."], "channel": ["sms"], "number": ["5060"]])
                #expect(answers.identity == .named)
                #expect(answers.name == "Salma" && answers.contact == "salma@home.example")
                #expect(answers.help == help)
                #expect(opened.items.map(\.indicator.written) == ["https://evil.example/a", "0612345678"])
                #expect(opened.entries.map(\.at) == [rooms.clock.now, rooms.clock.now])
                #expect(opened.report.reference == acceptance.report.reference)
                #expect(opened.report.language == .arabic)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `ten submits of one form at the same moment make one report and show one code`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let all = try await withThrowingTaskGroup(of: Acceptance.self) { group in
                for number in 1...10 { group.addTask { try await rooms.report("try \(number)", formToken: "one") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(all.map(\.code.digits)).count == 1)
            #expect(Set(all.map(\.report.reference)).count == 1)
            #expect(Set(all.map(\.receipt)).count == 1)
            for table in ["report", "case_file"] {
                #expect(
                    try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM \(raw: table)") } == 1
                )
            }
            // The one that was kept opens.
            let opened = try await rooms.opened(by: all[0].code)
            #expect(self.answers(opened)?.answers["story"]?.first?.hasPrefix("try ") == true)
            // And much later still.
            rooms.clock.advance(29 * 60)
            #expect(try await rooms.report("again", formToken: "one").code == all[0].code)
        }
    }

    @Test(arguments: TestEngine.available)
    func `different forms at the same moment have different codes and references, and all open`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            let all = try await withThrowingTaskGroup(of: (Int, Acceptance).self) { group in
                for number in 1...20 { group.addTask { (number, try await rooms.report("story \(number)")) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(all.map(\.1.code.digits)).count == 20)
            #expect(Set(all.map(\.1.report.reference)).count == 20)
            #expect(Set(all.map(\.1.report.id)).count == 20)
            for (number, acceptance) in all {
                #expect(
                    self.answers(try await rooms.opened(by: acceptance.code))?.answers["story"] == ["story \(number)"]
                )
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `intake is closed until a key-holder exists, and keeps nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            func refused() async throws {
                #expect(try await !rooms.intake.isOpen(.desk))
                await #expect(throws: DomainError.unavailable("intake.closed")) { try await rooms.report() }
            }
            try await refused()
            let links = try #require(try await rooms.firstStart())
            try await refused()
            _ = try await rooms.accept(links.administrator)
            try await refused()
            #expect(try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM report") } == 0)
            _ = try await rooms.accept(links.keyHolder)
            #expect(try await rooms.intake.isOpen(.desk))
            try await rooms.report()
        }
    }

    @Test(arguments: TestEngine.available)
    func `the child channel refuses until agreement and test are recorded, and keeps nothing`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            func report() async throws {
                try await rooms.report(kind: "child-abuse", items: [.url: ["https://bad.example/"]])
            }
            #expect(try await !rooms.intake.isOpen(.child))
            await #expect(throws: DomainError.unavailable("intake.child-closed")) { try await report() }
            #expect(try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM report") } == 0)
            let administrator = try await rooms.signIn(desk.administrator).principal
            try await rooms.casework.recordAgreement(
                partner: "Partner",
                address: "https://partner.example/",
                agreement: "2026/1",
                day: "2026-11-01",
                by: administrator
            )
            await #expect(throws: DomainError.unavailable("intake.child-closed")) { try await report() }
            // Two people are needed.
            await #expect(throws: DomainError.forbidden) {
                try await rooms.casework.recordTest(reference: "T-1", by: administrator)
            }
            try await rooms.casework.recordTest(reference: "T-1", by: desk.session.principal)
            #expect(try await rooms.intake.isOpen(.child))
            try await report()
            try await rooms.casework.closeChildChannel(by: administrator)
            await #expect(throws: DomainError.unavailable("intake.child-closed")) { try await report() }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a code that opens nothing opens nothing`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            try await rooms.report()
            for _ in 1...20 { #expect(try await rooms.intake.visit(.random()) == nil) }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a report of the desk does not open with the child unit's key or with another desk's`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let id = try await rooms.report().report.id
            let keys = try await rooms.identity.unitKeys(desk.session)
            await #expect(throws: DomainError.forbidden) { try await rooms.intake.key(of: id, unitKeys: [:]) }
            await #expect(throws: DomainError.forbidden) {
                try await rooms.intake.key(of: id, unitKeys: [.child: try #require(keys[.child])])
            }
            for wrong in [try #require(keys[.child]), PrivateBox.generate(.xwing)] {
                await #expect(throws: VaultError.self) { try await rooms.intake.key(of: id, unitKeys: [.desk: wrong]) }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a receipt verifies with the published key, and altered it does not`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            rooms.clock.advance(59)
            let acceptance = try await rooms.report("My secret story", items: [.url: ["evil.example"]])
            let text = acceptance.receipt.text
            let key = rooms.intake.verifyingKey
            let fields = try #require(SignedReceipt.verify(text, with: key))
            #expect(fields["reference"] == acceptance.report.reference)
            // To the minute.
            #expect(fields["received"] == "2026-11-25T09:01:00Z")
            for forgiven in ["\n \(text) \n", text.replacing("\n", with: "\r\n"), text.replacing("\n", with: "\n\n")] {
                #expect(SignedReceipt.verify(forgiven, with: key) != nil)
            }
            // Neutral, and no code in it.
            for word in ["secret", "evil", "scam", "story", acceptance.code.digits, acceptance.code.groups[0] + " "] {
                #expect(!text.contains(word))
            }
            let signs = Array(text)
            for place in signs.indices where !signs[place].isWhitespace {
                var altered = signs
                altered[place] = altered[place] == "7" ? "8" : "7"
                let result = SignedReceipt.verify(String(altered), with: key)
                // The last sign of base64 holds bits that mean nothing.
                if result != nil { #expect(signs[place...].allSatisfy { "=\n".contains($0) || $0 == signs[place] }) }
            }
            let other = try await Rooms(rooms.database, clock: rooms.clock)
            #expect(SignedReceipt.verify(text, with: other.intake.verifyingKey) == nil)
            for text in NaughtyStrings.all { #expect(SignedReceipt.verify(text, with: key) == nil) }
            let lines = text.split(separator: "\n").map(String.init)
            #expect(
                SignedReceipt.verify(
                    (lines.dropFirst(1).prefix(1) + lines.prefix(1) + lines.dropFirst(2)).joined(separator: "\n"),
                    with: key
                ) == nil
            )
            #expect(SignedReceipt.verify((lines + lines).joined(separator: "\n"), with: key) == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `reports are not lost when a submit is refused half way`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            _ = try await rooms.openDesk()
            struct Broken: Error {}
            let failing = Intake(
                database: rooms.database,
                keys: IntakeKeys(
                    master: rooms.master,
                    derivation: KeyDerivation(
                        masterKey: rooms.master,
                        systemSalt: Data(repeating: 7, count: 16),
                        receiptCost: Rooms.cheap,
                        staffCost: Rooms.cheap
                    )
                ),
                questionnaires: rooms.intake.questionnaires,
                normaliser: rooms.intake.normaliser,
                clock: rooms.clock.clock,
                unitBox: Identity.unitBox,
                onReceived: { _, _, _ in throw Broken() },
                onAdded: { _, _, _ in }
            )
            let submission = try rooms.submission(
                "story",
                RawSubmission(fields: ["story": ["x"]], items: [.url: ["a.example"]])
            )
            await #expect(throws: Broken.self) {
                try await failing.submit(submission, formToken: "t", language: .french)
            }
            for table in ["report", "report_entry", "report_item", "indicator_index"] {
                #expect(
                    try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM \(raw: table)") } == 0
                )
            }
            // The retry of the same form succeeds.
            try await rooms.report(formToken: "t")
        }
    }
}
