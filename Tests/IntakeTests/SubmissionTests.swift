import Foundation
import Indicators
import Intake
import Kernel
import RoomsTesting
import Testing

/// What a form becomes before anything is kept.
@Suite struct `Reading a report's form` {
    private let questionnaires: Questionnaires
    private let today = Day(rawValue: "2026-11-25")!

    init() async throws { self.questionnaires = try await Forms.questionnaires() }

    private func read(_ raw: RawSubmission, _ kind: String = "story") throws -> Submission {
        try Submission(
            try #require(self.questionnaires[kind]).questionnaire,
            raw,
            normaliser: Normaliser(plan: Rooms.plan),
            today: self.today
        )
    }

    private func refusals(_ raw: RawSubmission, _ kind: String = "story") -> [String] {
        do {
            _ = try self.read(raw, kind)
            return []
        } catch let errors as InputErrors { return errors.items.map { "\($0.field) \($0.messageKey)" } } catch {
            return ["\(error)"]
        }
    }

    private func answers(_ field: String, _ text: String) throws -> [String]? {
        try self.read(RawSubmission(fields: ["story": ["x"], field: [text]])).answers[field]
    }

    @Test func `a field that was not shown is not kept, whatever was sent`() throws {
        let shown = try self.read(RawSubmission(fields: ["story": ["x"], "channel": ["sms"], "number": ["5060"]]))
        #expect(shown.answers["number"] == ["5060"])
        let hidden = try self.read(RawSubmission(fields: ["story": ["x"], "channel": ["mail"], "number": ["5060"]]))
        #expect(hidden.answers["number"] == nil)
        let unasked = try self.read(RawSubmission(fields: ["story": ["x"], "number": ["5060"], "unknown": ["y"]]))
        #expect(unasked.answers == ["story": ["x"]])
        // Not even as a mistake.
        let long = String(repeating: "a", count: 100)
        #expect(self.refusals(RawSubmission(fields: ["story": ["x"], "number": [long]])) == [])
    }

    @Test func `a mandatory field is mandatory`() {
        for story in [nil, [], [""], ["  \n "]] as [[String]?] {
            var raw = RawSubmission(fields: ["channel": ["sms"]])
            raw.fields["story"] = story
            #expect(self.refusals(raw) == ["story error.required"])
        }
    }

    @Test func `a choice is one of those offered, and one only where one is asked`() throws {
        for wrong in [["fax"], ["sms", "mail"], ["sms", "fax"]] {
            #expect(
                self.refusals(RawSubmission(fields: ["story": ["x"], "channel": wrong])) == ["channel error.choose"]
            )
        }
        let both = try self.read(RawSubmission(fields: ["story": ["x"], "losses": ["data", "money", "data"]]))
        #expect(both.answers["losses"] == ["money", "data"])
        #expect(self.refusals(RawSubmission(fields: ["story": ["x"], "losses": ["time"]])) == ["losses error.choose"])
    }

    @Test func `a day is read as people write it, in the digits of either script`() throws {
        for text in ["25/11/2026", "25-11-2026", "2026-11-25", " 25.11.2026 ", "٢٥/١١/٢٠٢٦", "25 11 2026"] {
            #expect(try self.answers("day", text) == ["2026-11-25"], "\(text)")
        }
        #expect(try self.answers("day", "1/2/2026") == ["2026-02-01"])
        #expect(try self.answers("day", "26/11/2026") == ["2026-11-26"])
        #expect(
            self.refusals(RawSubmission(fields: ["story": ["x"], "day": ["27/11/2026"]])) == ["day error.date-future"]
        )
        for text in [
            "31/02/2026", "11/25/2026", "25/11/26", "yesterday", "25/11", "25/11/2026/1", "25/x/11/2026", "0/1/2026",
        ] {
            #expect(
                self.refusals(RawSubmission(fields: ["story": ["x"], "day": [text]])) == ["day error.date"],
                "\(text)"
            )
        }
    }

    @Test func `an amount is read as people write it, in the digits of either script`() throws {
        for (text, amount) in [
            ("1200", "1200"), ("1 200,50", "1200.50"), ("1\u{202f}200.5", "1200.5"), ("٥٠٠", "500"), ("٥٠٠٫٥", "500.5"),
            ("0", "0"),
        ] {
            #expect(try self.answers("amount", text) == [amount], "\(text)")
        }
        for text in [
            "-1", "abc", "1e400", "nan", "inf", "0x10", "1e3", "1,2,3", "999999999999999", "١٢ درهم", "+5", "½",
        ] {
            #expect(
                self.refusals(RawSubmission(fields: ["story": ["x"], "amount": [text]])) == ["amount error.amount"],
                "\(text)"
            )
        }
    }

    @Test func `an indicator that cannot be one is refused at its place, empty lines are passed over`() throws {
        let raw = RawSubmission(
            fields: ["story": ["x"]],
            items: [.url: ["", "evil.example", "not one"], .phone: ["0612345678", "abc"]]
        )
        #expect(self.refusals(raw) == ["item-url-2 error.item.url", "item-phone-1 error.item.phone"])
        let good = try self.read(
            RawSubmission(fields: ["story": ["x"]], items: [.url: ["a.example", " a.example ", "b.example"]])
        )
        #expect(good.items.map(\.written) == ["a.example", "b.example"])
    }

    @Test func `more than twenty indicators are too many`() {
        func raw(_ count: Int) -> RawSubmission {
            RawSubmission(fields: ["story": ["x"]], items: [.url: (1...count).map { "\($0).example" }])
        }
        #expect(self.refusals(raw(20)) == [])
        #expect(self.refusals(raw(21)) == ["items error.too-many"])
    }

    @Test func `a kind of indicator that the form does not ask for is not kept`() throws {
        let raw = RawSubmission(fields: ["story": ["x"]], items: [.url: ["a.example"]])
        #expect(try self.read(raw, "danger").items.isEmpty)
    }

    @Test func `who stays anonymous leaves no name, whatever was typed`() throws {
        var raw = RawSubmission(fields: ["story": ["x"]], identity: "anonymous", name: "Salma", contact: "0612345678")
        let anonymous = try self.read(raw)
        #expect(anonymous.name == nil && anonymous.contact == nil)
        raw.identity = nil
        #expect(try self.read(raw).identity == .anonymous)
        raw.identity = "named"
        #expect(try self.read(raw).name == "Salma")
        raw.name = ""
        #expect(self.refusals(raw) == ["name error.required"])
        raw.identity = "confidential"
        raw.contact = ""
        #expect(self.refusals(raw) == ["contact error.required"])
        raw.identity = "king"
        #expect(self.refusals(raw).contains("identity error.choose"))
    }

    @Test func `a form that allows only anonymity takes no name`() {
        let raw = RawSubmission(fields: ["story": ["x"]], identity: "named", name: "Salma")
        #expect(self.refusals(raw, "danger") == ["identity error.choose"])
    }

    @Test func `a form that says nothing is no report`() {
        #expect(self.refusals(RawSubmission(), "danger") == ["story error.nothing-said"])
    }

    @Test func `a file does not come in as text`() {
        let picture = "data:image/png;base64,iVBORw0KGgo="
        #expect(self.refusals(RawSubmission(fields: ["story": ["see \(picture)"]])) == ["story error.embedded-file"])
        let run = String(repeating: "QUJD", count: 200)
        #expect(self.refusals(RawSubmission(fields: ["story": [run]])) == ["story error.embedded-file"])
        #expect(
            self.refusals(RawSubmission(fields: ["story": [String(repeating: "a long story. ", count: 200)]])) == []
        )
    }

    @Test func `naughty strings in every field are read or refused`() {
        for text in NaughtyStrings.all {
            var raw = RawSubmission(
                fields: Dictionary(
                    uniqueKeysWithValues: ["story", "channel", "number", "losses", "day", "amount"].map { ($0, [text]) }
                ),
                items: Dictionary(uniqueKeysWithValues: Indicator.Kind.allCases.map { ($0, [text]) }),
                identity: text,
                name: text,
                contact: text
            )
            #expect(!self.refusals(raw).isEmpty)
            raw = RawSubmission(
                fields: ["story": [text], "channel": ["sms"], "number": [text]],
                identity: "named",
                name: text,
                contact: text
            )
            for refusal in self.refusals(raw) { #expect(refusal.contains(" error.")) }
        }
    }
}
