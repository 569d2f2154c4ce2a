import Foundation
import Indicators
import Kernel
import RoomsTesting
import Testing

private let normaliser = Normaliser(plan: Rooms.plan)

private func spellings(_ kind: Indicator.Kind, _ written: String) -> [String] {
    normaliser.spellings(Indicator(kind: kind, written: written)).map { "\($0.kind) \($0.text)" }
}

private func only(_ kind: Indicator.Kind, _ written: String) -> String? {
    normaliser.spellings(Indicator(kind: kind, written: written)).first?.text
}

private func isPlausible(_ kind: Indicator.Kind, _ written: String) -> Bool {
    normaliser.isPlausible(Indicator(kind: kind, written: written))
}

@Suite struct `Telephone numbers` {
    @Test(arguments: [
        "0612345678", "06 12 34 56 78", "06-12-34-56-78", "06.12.34.56.78", "06/12/34/56/78", "+212612345678",
        "+212 6 12 34 56 78", "+212 (0)6 12 34 56 78", "+212(0)612345678", "00212612345678", "00 212 6 12345678",
        "00212 (0)6 12 34 56 78", "212612345678", "٠٦١٢٣٤٥٦٧٨", "+٢١٢ ٦ ١٢ ٣٤ ٥٦ ٧٨", "۰۶۱۲۳۴۵۶۷۸", "０６１２３４５６７８",
        "＋212612345678", "\u{202a}+212 6 12-34-56-78\u{202c}", "\u{200e}+212612345678", "06\u{a0}12\u{202f}34 56 78",
        "  0612345678\n", "\u{2066}+212 612-345678\u{2069}", "\u{2068}0612345678\u{2069}", "06‑12‑34‑56‑78",
        "06–12–34–56–78", "\u{feff}0612345678", "tel:+212612345678", "(+212) 612345678", "06\u{2009}12345678",
        "\u{61c}+212612345678", "\u{202b}0612345678\u{202c}", "\u{202d}+212612345678\u{202c}",
    ])
    func `all spellings of one Moroccan number are one`(written: String) {
        #expect(spellings(.phone, written) == ["phone +212612345678"])
        #expect(isPlausible(.phone, written))
    }

    @Test func `foreign numbers keep their country, and other numbers stay other numbers`() {
        #expect(only(.phone, "+33 6 12 34 56 78") == "+33612345678")
        #expect(only(.phone, "0033 6 12 34 56 78") == "+33612345678")
        #expect(only(.phone, "0612345679") == "+212612345679")
        #expect(only(.phone, "0522334455") == "+212522334455")
        #expect(only(.phone, "+1 (415) 555-0100") == "+14155550100")
    }

    @Test func `a short sender is kept as it is`() {
        for short in ["212", "5060", "36200", "123456"] { #expect(only(.phone, short) == short) }
    }

    @Test(arguments: [
        "", " ", "+", "0", "12", "061234567", "06123456789", "1234567", "abc", "06 12 34 56 7x", "+1234567",
        "0612+345678",
        "+1234567890123456", "00", "()", "06;12345678", "-", "+212", "½", "²³",
    ])
    func `what is no number is none`(written: String) {
        #expect(spellings(.phone, written) == [])
        #expect(!isPlausible(.phone, written))
    }
}

@Suite struct `Bank accounts` {
    private let rib = "007780000123456789012345"
    private let iban: String

    init() throws { self.iban = try #require(only(.iban, self.rib)) }

    @Test func `an IBAN made of a RIB has right check digits`() {
        #expect(self.iban.hasPrefix("MA"))
        #expect(self.iban.hasSuffix(self.rib))
        #expect(self.iban.count == 28)
        let rearranged = self.iban.dropFirst(4) + "2210" + self.iban.dropFirst(2).prefix(2)
        #expect(rearranged.reduce(0) { ($0 * 10 + $1.wholeNumberValue!) % 97 } == 1)
    }

    @Test func `RIB and IBAN of one account are one, however they are grouped`() {
        let groups = { (text: String, size: Int, separator: String) in
            stride(from: 0, to: text.count, by: size).map { String(text.dropFirst($0).prefix(size)) }
                .joined(separator: separator)
        }
        for text in [
            self.iban, self.iban.lowercased(), groups(self.iban, 4, " "), groups(self.iban, 4, "-"),
            groups(self.iban, 4, "\u{a0}"), self.rib, groups(self.rib, 3, " "), groups(self.rib, 3, "."),
            " \(self.rib)\n",
            "IBAN \(self.iban)", "IBAN: \(groups(self.iban, 4, " "))", "RIB : \(self.rib)",
            "\u{202a}\(self.iban)\u{202c}",
            String(self.rib.map { Character(Unicode.Scalar(0x660 + $0.unicodeScalars.first!.value - 48)!) }),
        ] {
            #expect(spellings(.iban, text) == ["iban \(self.iban)"], "\(text)")
        }
    }

    @Test func `published examples are read`() {
        for iban in ["MA64011519000001205000534921", "FR1420041010050500013M02606", "GB29NWBK60161331926819"] {
            #expect(only(.iban, iban) == iban)
        }
        #expect(only(.iban, "011519000001205000534921") == "MA64011519000001205000534921")
    }

    @Test func `every single wrong digit of an IBAN is found`() {
        let right = Array(self.iban)
        for place in right.indices.dropFirst(2) {
            var wrong = right
            wrong[place] = right[place] == "7" ? "8" : "7"
            #expect(only(.iban, String(wrong)) == nil)
        }
    }

    @Test(arguments: [
        "", "MA", "MA00", "1234", "00778000012345678901234", "0077800001234567890123456",
        "ÉÉ64011519000001205000534921",
    ])
    func `what is no account is none`(written: String) {
        #expect(spellings(.iban, written) == [])
        #expect(!isPlausible(.iban, written))
    }
}

@Suite struct `Mail addresses as indicators` {
    @Test func `case, blanks at the ends and defanging do not tell them apart`() {
        for text in [
            "A.B@Example.COM", " a.b@example.com\n", "a.b[@]example[.]com", "a[.]b@example[.]com",
            "mailto:a.b@example.com", "<a.b@example.com>", "A.B <a.b@example.com>",
        ] {
            #expect(spellings(.email, text) == ["email a.b@example.com"], "\(text)")
            #expect(isPlausible(.email, text), "\(text)")
        }
    }

    @Test func `tags and dots stay: they are other addresses elsewhere`() {
        #expect(only(.email, "ab@example.com") != only(.email, "a.b@example.com"))
        #expect(only(.email, "a+x@example.com") != only(.email, "a@example.com"))
    }

    @Test func `what is none is none`() {
        for text in ["", "a", "a@b", "@", "a@b@c.d"] { #expect(spellings(.email, text) == []) }
    }
}

@Suite struct `Web addresses` {
    private let same = "http://evil.example/a"

    @Test(arguments: [
        "http://evil.example/a", "HTTP://EVIL.EXAMPLE/a", "http://Evil.Example:80/a", "http://evil.example/a#top",
        "http://user:pass@evil.example/a", "http://bank.example@evil.example/a", "hxxp://evil[.]example/a",
        "hXXp://evil.example/a", "hxxp[:]//evil[.]example/a", "http://evil(.)example/a", "evil.example/a",
        "//evil.example/a", " http://evil.example/a\n", "http://evil.example./a", "http://evil.example/%61",
        "http://evil.example\\a", "http://evil.example:80/a#b?c", "EVIL[.]EXAMPLE/a",
        "\u{202a}http://evil.example/a\u{202c}", "http://ev\u{200b}il.ex\u{ad}ample/a", "http://evil.example:/a",
    ])
    func `all spellings of one address are one`(written: String) {
        #expect(spellings(.url, written) == ["url \(self.same)", "host evil.example"])
        #expect(isPlausible(.url, written))
    }

    @Test func `paths keep their case, queries their order, other ports their number`() {
        #expect(only(.url, "http://evil.example/A") != self.same)
        #expect(only(.url, "http://evil.example/a?x=1&y=2") != only(.url, "http://evil.example/a?y=2&x=1"))
        #expect(only(.url, "http://evil.example:8080/a") == "http://evil.example:8080/a")
        #expect(only(.url, "https://evil.example:443/a") == "https://evil.example/a")
        #expect(only(.url, "https://evil.example:80/a") == "https://evil.example:80/a")
        #expect(only(.url, "https://evil.example/a") != self.same)
    }

    @Test func `percent-encoding is undone where it means nothing, kept where it does`() {
        #expect(only(.url, "http://evil.example/%7Eme/%2d%5F%2E%41%39") == "http://evil.example/~me/-_.A9")
        #expect(only(.url, "http://evil.example/%2f%3f") == only(.url, "http://evil.example/%2F%3F"))
        #expect(only(.url, "http://evil.example/a%2Fb") != only(.url, "http://evil.example/a/b"))
        #expect(only(.url, "http://evil.example/%c3%a9") == "http://evil.example/%C3%A9")
        #expect(only(.url, "http://evil.example/%2541") == "http://evil.example/%2541")
        for broken in ["%", "%4", "%zz", "%+5", "%-1", "a%"] {
            #expect(only(.url, "http://evil.example/\(broken)") != nil)
        }
    }

    @Test func `an address without a path has the root`() {
        for text in ["http://evil.example", "http://evil.example/", "evil.example", "evil.example#x"] {
            #expect(only(.url, text) == "http://evil.example/")
        }
        #expect(only(.url, "http://evil.example?a=b") == "http://evil.example/?a=b")
    }

    @Test func `the host is found with and without www`() {
        #expect(spellings(.url, "http://www.evil.example/x").last == "host evil.example")
        #expect(spellings(.url, "https://evil.example:8443/y").last == "host evil.example")
    }

    @Test func `what deceives the eye is read as a browser reads it`() {
        #expect(spellings(.url, "http://bank.example\\@evil.example/").last == "host bank.example")
        #expect(spellings(.url, "http://bank.example#@evil.example/").last == "host bank.example")
        #expect(spellings(.url, "http://bank.example?@evil.example/").last == "host bank.example")
        #expect(spellings(.url, "http://a@b@evil.example/").last == "host evil.example")
    }

    @Test(arguments: [
        "", " ", "http://", "http:///", "http:///path", "http://@", "http://:80", "http://.", "http://..",
        "http://a..b",
        "http://localhost", "word", "http://a b.example/", "://a.example", "1http://a.example", "http://<a>.example",
        "http://[::1]/", "http://a.example:80:80.b..c/", "mailto:a@b", "javascript:alert(1)",
    ])
    func `what is no address is none`(written: String) {
        #expect(spellings(.url, written) == [])
        #expect(!isPlausible(.url, written))
    }

    @Test func `normalising twice changes nothing`() {
        var random = Seeded(3)
        let parts = [
            "http", "https", "hxxp", "://", "//", "evil", ".", "[.]", "example", ":80", ":443", "/", "a", "%41", "%2f",
            "%", "?", "#", "@", "\\", "www.", "é", "A", "..", "&x=1",
        ]
        for _ in 1...5_000 {
            let text = (0...random.number(1...12)).map { _ in random.pick(parts) }.joined()
            if let once = only(.url, text) { #expect(only(.url, once) == once, "\(text)") }
        }
    }
}

@Suite struct `Accounts on platforms` {
    @Test func `case and a leading sign do not tell people apart`() {
        for text in ["@Salma.B", "salma.b", " SALMA.B ", "@salma.b", "\u{2068}@salma.b\u{2069}"] {
            #expect(spellings(.account, text) == ["account salma.b"])
        }
    }

    @Test func `a profile's address is normalised as an address`() {
        #expect(only(.account, "https://Platform.example/Salma#x") == "https://platform.example/Salma")
    }

    @Test func `nothing is no account`() {
        #expect(spellings(.account, "") == [])
        #expect(spellings(.account, "@") == [])
        #expect(!isPlausible(.account, ""))
        #expect(!isPlausible(.account, "@"))
        #expect(!isPlausible(.account, "  "))
    }
}

@Suite struct `Defanged` {
    @Test func `what is shown opens nowhere`() {
        func shown(_ kind: Indicator.Kind, _ text: String) -> String { Indicator(kind: kind, written: text).defanged }
        #expect(shown(.url, "https://evil.example/a") == "hxxps[:]//evil[.]example/a")
        #expect(shown(.url, "http://evil.example") == "hxxp[:]//evil[.]example")
        #expect(shown(.email, "a.b@evil.example") == "a[.]b[@]evil[.]example")
        #expect(shown(.account, "https://p.example/x") == "hxxps[:]//p[.]example/x")
        #expect(shown(.phone, "+212 6 12 34 56 78") == "+212 6 12 34 56 78")
        for text in ["HTTP://EVIL.EXAMPLE/", "HtTpS://evil.example", "ftp://evil.example"] {
            #expect(!shown(.url, text).contains("://"))
            #expect(!shown(.url, text).lowercased().hasPrefix("http"))
        }
    }

    @Test func `defanging loses nothing: the address is found again`() {
        for text in ["https://evil.example/a?b=c", "http://www.evil.example", "HTTPS://evil.example/"] {
            #expect(only(.url, Indicator(kind: .url, written: text).defanged) == only(.url, text))
        }
        #expect(only(.email, Indicator(kind: .email, written: "a.b@c.example").defanged) == "a.b@c.example")
    }
}

@Suite struct `Hostile indicators` {
    @Test(arguments: Indicator.Kind.allCases)
    func `naughty strings do no harm, and what is plausible can be found again`(kind: Indicator.Kind) {
        for text in NaughtyStrings.all {
            let indicator = Indicator(kind: kind, written: text)
            let found = normaliser.spellings(indicator)
            #expect(found.allSatisfy { !$0.text.isEmpty })
            #expect(normaliser.isPlausible(indicator) == !found.isEmpty, "\(kind) \(text.debugDescription)")
            #expect(normaliser.spellings(indicator).map(\.text) == found.map(\.text))
            _ = indicator.defanged
        }
    }

    @Test(arguments: Indicator.Kind.allCases)
    func `random signs do no harm`(kind: Indicator.Kind) {
        var random = Seeded(11)
        let signs = Array("+0123456789 ()-.@/:?#[]%\\abzMAé\u{301}\u{202e}\u{0663}½").map(String.init)
        for _ in 1...20_000 {
            let text = (0...random.number(0...30)).map { _ in random.pick(signs) }.joined()
            let indicator = Indicator(kind: kind, written: text)
            let found = normaliser.spellings(indicator)
            #expect(normaliser.isPlausible(indicator) == !found.isEmpty, "\(kind) \(text.debugDescription)")
            _ = indicator.defanged
        }
    }

    @Test func `the naughty strings of others were tried`() {
        if case .absent(let reason) = NaughtyStrings.others {
            print("WARNING: \(reason)")
            #expect(!NaughtyStrings.isRequired, "\(reason)")
        }
    }
}
