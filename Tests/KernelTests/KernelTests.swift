import Foundation
import Kernel
import RoomsTesting
import Testing

@Suite struct `Days` {
    @Test func `every day from 1600 to 2400 is written, read back and followed by the next`() throws {
        let first = try #require(Day(rawValue: "1600-01-01"))
        let last = try #require(Day(rawValue: "2400-12-31"))
        #expect(last.number - first.number + 1 == 801 * 365 + 195)
        var expected = (year: 1600, month: 1, day: 1)
        for number in first.number...last.number {
            let day = Day(number: number)
            guard day.parts == expected, Day(rawValue: day.rawValue) == day, day.rawValue.utf8.count == 10 else {
                Issue.record("\(number) is \(day.rawValue), not \(expected)")
                return
            }
            let isLeap = expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0)
            let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][expected.month - 1]
            expected.day += 1
            if expected.day > length { (expected.day, expected.month) = (1, expected.month + 1) }
            if expected.month > 12 { (expected.month, expected.year) = (1, expected.year + 1) }
        }
    }

    @Test func `known days have their known numbers`() {
        for (text, number) in [
            ("1970-01-01", 0), ("1970-01-02", 1), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2026-11-25", 20_782),
        ] {
            #expect(Day(rawValue: text)?.number == number)
        }
    }

    @Test(arguments: [
        "", "2026", "2026-11", "2026-11-", "2026-13-01", "2026-00-10", "2026-01-00", "2026-01-32", "2026-02-29",
        "2100-02-29", "2026-04-31", "2026-1-01", "2026-01-1", "26-01-01", "02026-01-01", "2026-01-01 ", " 2026-01-01",
        "2026/01/01", "2026-01-01T00:00:00Z", "+202-01-01", "2026-+1-01", "2026-01-+1", "-026-01-01", "٢٠٢٦-٠١-٠١",
        "２０２６-01-01", "2026–01–01", "abcd-ef-gh", "2026-01-0\u{31}\u{301}", "2026-01-01\0",
    ])
    func `what is not a day of the calendar is refused`(text: String) {
        #expect(Day(rawValue: text) == nil)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([Day].self, from: JSONEncoder().encode([text])) }
    }

    @Test func `naughty strings are no days and do no harm`() {
        for text in NaughtyStrings.all { #expect(Day(rawValue: text) == nil) }
    }

    @Test func `a moment belongs to the UTC day it is in, before 1970 too`() throws {
        for number in [-141_428, -1, 0, 1, 20_782, 157_000] {
            let start = Date(timeIntervalSince1970: Double(number) * 86_400)
            #expect(Day(start).number == number)
            #expect(Day(start.addingTimeInterval(86_399.999)).number == number)
            #expect(Day(start.addingTimeInterval(-0.001)).number == number - 1)
            #expect(Day(number: number).start == start)
        }
    }

    @Test func `days are ordered as their numbers and as their texts`() {
        var random = Seeded(1)
        for _ in 1...500 {
            let left = Day(number: random.number(-140_000...150_000))
            let right = Day(number: random.number(-140_000...150_000))
            #expect((left < right) == (left.number < right.number))
            #expect((left < right) == (left.rawValue < right.rawValue))
            #expect(left + (right.number - left.number) == right)
        }
    }

    @Test func `a day is coded as its text`() throws {
        let day = try #require(Day(rawValue: "2026-11-25"))
        #expect(String(decoding: try JSONEncoder().encode([day]), as: UTF8.self) == "[\"2026-11-25\"]")
        #expect(try JSONDecoder().decode([Day].self, from: Data("[\"2026-11-25\"]".utf8)) == [day])
    }
}

@Suite struct `E-mail addresses` {
    @Test(arguments: [
        "a@b.ma", "first.last+tag@sub.example.co.ma", "o'hara@example.com", "مثال@example.ma", "x@مثال.المغرب",
        "\(String(repeating: "a", count: 64))@example.com", "a@b-c.ma", "1@2.3", "!#$%&*/=?^_`{|}~-@example.com",
    ])
    func `an address to which mail could go is taken as it was written`(text: String) {
        #expect(EmailAddress(text)?.rawValue == text)
    }

    @Test(arguments: [
        "", "@", "a@", "@b.ma", "a@b", "a@.ma", "a@b.", "a@b..ma", "a@-b.ma", "a@b-.ma", "a@@b.ma", "a@b@c.ma",
        "a b@c.ma", "a@b c.ma", "a\n@b.ma", "a@b.ma\r\nBcc: c@d.ma", "a@b.ma\0", "a\u{a0}@b.ma", "a\u{2028}@b.ma",
        "<a@b.ma>", "a@b.ma,c@d.ma", "a@b.ma;c", "\"a\"@b.ma", "a@[1.2.3.4]", "a(b)@c.ma", "a\\@b.ma", "a@b.ma\u{7f}",
        "\(String(repeating: "a", count: 65))@example.com", "a@\(String(repeating: "b", count: 250)).ma",
    ])
    func `what could carry a second header or address is refused`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `the domain is what follows the sign`() {
        #expect(EmailAddress("a@b.ma")?.domain == "b.ma")
    }

    @Test func `naughty strings do no harm`() {
        for text in NaughtyStrings.all {
            if let address = EmailAddress(text) {
                #expect(address.rawValue == text)
                #expect(!text.unicodeScalars.contains { $0.isControl })
            }
        }
    }
}

@Suite struct `Reading input` {
    private func read(_ raw: String?, _ length: ClosedRange<Int> = 0...100) -> (value: String?, refusal: String?) {
        var input = InputReader()
        let value = input.text("field", raw, length: length)
        return (value, input.errors["field"]?.messageKey)
    }

    @Test func `line ends become line feeds and the ends are trimmed`() {
        #expect(self.read("  a\r\nb\rc\nd\t \u{feff}").value == "a\nb\nc\nd")
        #expect(self.read("\u{feff}\u{a0}\u{2003} \n").value == "")
        #expect(self.read(nil).value == "")
    }

    @Test func `every control character but line ends and tabs is refused`() throws {
        for code in Array(0...0x1f) + Array(0x7f...0x9f) as [UInt32] {
            let scalar = try #require(Unicode.Scalar(code))
            let result = self.read("a\(scalar)b")
            if [0x09, 0x0a, 0x0d].contains(code) {
                #expect(result.value != nil)
            } else {
                #expect(result.value == nil && result.refusal == "error.control", "U+\(String(code, radix: 16))")
            }
        }
    }

    @Test func `length counts what a reader counts, and bytes have a bound of their own`() {
        let family = "👩‍👩‍👧‍👦"
        #expect(self.read("ab", 3...5).refusal == "error.too-short")
        #expect(self.read("abc", 3...5).value == "abc")
        #expect(self.read("abcdef", 3...5).refusal == "error.too-long")
        #expect(self.read("  abcde  ", 3...5).value == "abcde")
        #expect(self.read("éàü", 3...3).value == "éàü")
        #expect(self.read(family, 1...5).value == family)
        #expect(self.read("a" + String(repeating: "\u{301}", count: 100), 1...5).refusal == "error.too-long")
        #expect(self.read("", 1...5).refusal == "error.required")
        #expect(self.read(" \n ", 1...5).refusal == "error.required")
    }

    @Test func `a refusal says the limit it is about`() {
        var input = InputReader()
        _ = input.text("short", "a", length: 2...3)
        _ = input.text("long", "abcd", length: 2...3)
        #expect(input.errors["short"]?.limit == 2)
        #expect(input.errors["long"]?.limit == 3)
    }

    @Test func `all refusals of a form come at once, in the order of the fields`() {
        var input = InputReader()
        _ = input.text("a", "", length: 1...5)
        _ = input.text("b", "fine", length: 1...5)
        _ = input.choice("c", "none", as: Language.self)
        _ = input.optional("d", "no day", Day.init(rawValue:))
        #expect(input.errors.items.map(\.field) == ["a", "c", "d"])
        #expect(throws: InputErrors.self) { try input.finish() }
    }

    @Test func `a choice is one of those there are`() {
        var input = InputReader()
        #expect(input.choice("x", "ar", as: Language.self) == .arabic)
        for wrong in [nil, "", "AR", "de", " ar"] { #expect(input.choice("x", wrong, as: Language.self) == nil) }
        #expect(input.errors.items.count == 5)
    }

    @Test func `an optional field left empty is no refusal`() {
        var input = InputReader()
        #expect(input.optional("x", " ", Day.init(rawValue:)) == .some(nil))
        #expect(input.optional("x", nil, Day.init(rawValue:)) == .some(nil))
        #expect(input.errors.isEmpty)
        #expect(input.optional("x", "2026-11-25", Day.init(rawValue:)) == Day(rawValue: "2026-11-25"))
    }

    @Test func `naughty strings are taken or refused, and what is taken can be stored`() {
        for text in NaughtyStrings.all {
            let result = self.read(text, 1...2000)
            #expect((result.value == nil) == (result.refusal != nil))
            if let value = result.value {
                #expect(!value.utf8.contains(0))
                #expect(value.trimmed == value)
                #expect(value.count <= 2000 && value.utf8.count <= 16_000)
            }
        }
    }

    @Test func `the naughty strings of others were tried`() throws {
        switch NaughtyStrings.others {
        case .strings(let strings): #expect(strings.count > 100)
        case .absent(let reason):
            print("WARNING: \(reason)")
            #expect(!NaughtyStrings.isRequired, "\(reason)")
        }
    }
}

private enum Thing {}

@Suite struct `Identifiers` {
    @Test func `ordered ones sort by the millisecond they were made in`() {
        var random = Seeded(7)
        var last: (text: String, time: Double)?
        var time = 1_700_000_000.0
        for _ in 1...2_000 {
            time += Double(random.number(1...5_000)) / 1000
            let text = "\(Identifier<Thing>.ordered(at: Date(timeIntervalSince1970: time)))"
            if let last { #expect(last.text < text) }
            last = (text, time)
        }
    }

    @Test func `ordered ones are version 7 and hold the time, random ones are version 4 and hold none`() throws {
        let date = Date(timeIntervalSince1970: 1_795_597_200.123)
        for _ in 1...100 {
            let ordered = Identifier<Thing>.ordered(at: date).description
            #expect(ordered.hasPrefix("01a2"))
            #expect(Int(ordered.replacing("-", with: "").prefix(12), radix: 16) == 1_795_597_200_123)
            #expect(Array(ordered)[14] == "7")
            #expect("89ab".contains(Array(ordered)[19]))
            let random = Identifier<Thing>.random().description
            #expect(Array(random)[14] == "4")
            #expect("89ab".contains(Array(random)[19]))
        }
    }

    @Test func `made in the same millisecond they are still different`() {
        let date = Date(timeIntervalSince1970: 1)
        #expect(Set((0..<1_000).map { _ in Identifier<Thing>.ordered(at: date) }).count == 1_000)
    }

    @Test func `times before 1970 and far ahead make valid ones`() {
        for seconds in [-1e9, 0, 2e11] {
            let id = Identifier<Thing>.ordered(at: Date(timeIntervalSince1970: seconds))
            #expect(Identifier<Thing>(id.description) == id)
        }
    }

    @Test func `they are read in either case and written in lower case`() {
        let id = Identifier<Thing>.random()
        #expect(Identifier<Thing>(id.description.uppercased()) == id)
        #expect(id.description == id.description.lowercased())
        for text in NaughtyStrings.all { #expect(Identifier<Thing>(text) == nil) }
        #expect(Identifier<Thing>(id.description + "0") == nil)
        #expect(Identifier<Thing>(String(id.description.dropLast())) == nil)
    }
}

@Suite struct `Languages` {
    @Test(arguments: Language.allCases)
    func `every language falls back to itself first, then to others, each once, never to Amazigh`(language: Language) {
        #expect(language.fallbacks.first == language)
        #expect(Set(language.fallbacks).count == language.fallbacks.count)
        #expect(Set(language.fallbacks).isSuperset(of: [.french, .arabic, .english]))
        #expect(!language.fallbacks.dropFirst().contains(.amazigh))
        #expect((language.direction == "rtl") == (language == .arabic))
        #expect(!language.ownName.isEmpty)
    }

    @Test func `a text says which language it is really in`() {
        let text = LocalizedText([.french: "f", .arabic: "a"])
        #expect(text.best(for: .french) == ("f", .french))
        #expect(text.best(for: .arabic) == ("a", .arabic))
        #expect(text.best(for: .english) == ("f", .french))
        #expect(text.best(for: .amazigh) == ("f", .french))
        #expect(LocalizedText([.arabic: "a"]).best(for: .english) == ("a", .arabic))
        #expect(LocalizedText([.english: "e", .arabic: "a"]).best(for: .french) == ("e", .english))
        #expect(LocalizedText([:]).best(for: .arabic) == ("", .arabic))
        #expect(text[.english] == nil)
    }

    @Test func `an unknown tag or an empty sentence is a fault`() throws {
        func decode(_ json: String) throws -> LocalizedText {
            try JSONDecoder().decode(LocalizedText.self, from: Data(json.utf8))
        }
        #expect(try decode(#"{"fr": "a", "zgh": "b"}"#).languages == [.french, .amazigh])
        for json in [#"{"de": "a"}"#, #"{"fr": ""}"#, #"{"fr": "  "}"#, #"{"fr": 1}"#, "[]", #"{"FR": "a"}"#] {
            #expect(throws: DecodingError.self) { try decode(json) }
        }
        #expect(
            try JSONDecoder().decode(LocalizedText.self, from: JSONEncoder().encode(decode(#"{"fr":"a"}"#)))
                == decode(#"{"fr":"a"}"#)
        )
    }
}

@Suite struct `Principals` {
    @Test func `who lacks a permission is refused`() {
        let right = Permission("a.b")
        let without = Principal(id: .random(), name: "x", permissions: [])
        let with = Principal(id: without.id, name: "x", permissions: [right])
        #expect(throws: DomainError.forbidden) { try without.require(right) }
        #expect(throws: Never.self) { try with.require(right) }
        #expect(with.may(right) && !without.may(right))
    }
}
