import Foundation
import HTTPTypes
import Hummingbird
import Kernel
import NIOCore
import RoomsTesting
import Testing
import Vault
import WebSupport

@Suite struct `Form bodies` {
    private func read(_ text: String) -> [String: [String]]? { FormBody(urlEncoded: text.utf8)?.fields }

    @Test func `fields are decoded, in the order sent, repeated ones kept`() {
        #expect(self.read("a=1&b=2&a=3") == ["a": ["1", "3"], "b": ["2"]])
        #expect(self.read("a+b=c+d") == ["a b": ["c d"]])
        #expect(self.read("a=%2B%26%3D%25") == ["a": ["+&=%"]])
        #expect(self.read("a=%D8%B9%D8%B1") == ["a": ["عر"]])
        #expect(self.read("a=عر") == ["a": ["عر"]])
        #expect(self.read("a=b=c") == ["a": ["b=c"]])
        #expect(self.read("a") == ["a": [""]])
        #expect(self.read("a=") == ["a": [""]])
        #expect(self.read("=a") == ["": ["a"]])
        #expect(self.read("") == [:])
        #expect(self.read("&&a=1&&") == ["a": ["1"]])
        #expect(self.read("a=%0D%0A") == ["a": ["\r\n"]])
    }

    @Test(arguments: ["%", "a=%", "a=%4", "a=%zz", "a=%4g", "%=1", "a=%+1", "a=%-1", "a=% 1", "a=%%41", "a=%u0041"])
    func `a broken escape is refused`(text: String) {
        #expect(self.read(text) == nil)
    }

    @Test(
        arguments: [[0xff], [0xc3], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xc0, 0xaf]]
            as [[UInt8]]
    )
    func `bytes that are not UTF-8 are refused, plain or escaped`(bytes: [UInt8]) {
        #expect(FormBody(urlEncoded: Array("a=".utf8) + bytes) == nil)
        #expect(self.read("a=" + bytes.map { "%" + String($0, radix: 16) }.joined()) == nil)
        #expect(self.read(bytes.map { "%" + String($0, radix: 16) }.joined() + "=1") == nil)
    }

    @Test func `500 fields are the most`() {
        #expect(self.read((1...500).map { "a\($0)=1" }.joined(separator: "&"))?.count == 500)
        #expect(self.read((1...501).map { "a\($0)=1" }.joined(separator: "&")) == nil)
        #expect(self.read(String(repeating: "a=1&", count: 501)) == nil)
    }

    @Test func `what was encoded is decoded again`() {
        var random = Seeded(5)
        let signs = Array("aZ09 &=+%#?/\\\"'<>éعⵜ😀\r\n\t\0").map(String.init)
        for _ in 1...2_000 {
            let (name, value) = (
                (0...4).map { _ in random.pick(signs) }.joined(), (0...9).map { _ in random.pick(signs) }.joined()
            )
            func encoded(_ text: String) -> String {
                text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            }
            #expect(self.read("\(encoded(name))=\(encoded(value))") == [name: [value]])
        }
        for text in NaughtyStrings.all { _ = self.read(text) }
    }
}

@Suite struct `Accept-Language` {
    @Test(arguments: [
        ("fr", Language.french), ("ar", .arabic), ("ar-MA", .arabic), ("AR-ma", .arabic), ("en-GB,en;q=0.9", .english),
        ("de,fr;q=0.5", .french), ("fr;q=0.5,ar;q=0.6", .arabic), ("fr;q=0.5, ar ; q=0.6", .arabic), ("fr,ar", .french),
        ("zgh", .amazigh), ("tzm-Latn-MA", .amazigh), ("shi", .amazigh), ("rif", .amazigh), ("ber", .amazigh),
        ("fr;q=0,ar;q=0.1", .arabic), ("*,ar;q=0.1", .arabic), ("fr;q=abc", .french), (",,,ar,,", .arabic),
    ])
    func `the language liked best is taken`(header: String, language: Language) {
        #expect(AcceptLanguage.best(header) == language)
    }

    @Test func `what names none of ours is none`() {
        for header in [
            nil, "", "*", "de", "xx-YY", "fr;q=0", "fr;q=-1", ";q=1", "français", String(repeating: "ar,", count: 400),
        ] {
            #expect(AcceptLanguage.best(header) == nil, "\(header ?? "none")")
        }
        for text in NaughtyStrings.all { _ = AcceptLanguage.best(text) }
    }
}

@Suite struct `Texts` {
    private func texts(_ language: Language, _ texts: [String: String]) -> Translations {
        Translations(language: language, texts: texts)
    }

    @Test func `Arabic has six forms`() {
        let forms = Dictionary(
            uniqueKeysWithValues: PluralCategory.allCases.map { ("n.\($0.rawValue)", "\($0.rawValue) {count}") }
        )
        let texts = self.texts(.arabic, forms)
        for (count, category) in [
            (0, "zero"), (1, "one"), (2, "two"), (3, "few"), (10, "few"), (11, "many"), (26, "many"), (99, "many"),
            (100, "other"), (101, "other"), (102, "other"), (103, "few"), (110, "few"), (111, "many"), (199, "many"),
            (200, "other"), (1003, "few"), (1_000_000, "other"),
        ] {
            #expect(texts.plural("n", count) == "\(category) \(count)")
        }
        #expect(PluralCategory.all(in: .arabic).count == 6)
    }

    @Test func `French says 0 and 1 alike, English does not`() {
        let forms = ["n.one": "one", "n.other": "other"]
        #expect([0, 1, 2].map { self.texts(.french, forms).plural("n", $0) } == ["one", "one", "other"])
        #expect([0, 1, 2].map { self.texts(.english, forms).plural("n", $0) } == ["other", "one", "other"])
        #expect([0, 1, 2].map { self.texts(.amazigh, forms).plural("n", $0) } == ["one", "one", "other"])
        for language in Language.allCases {
            for count in 0...300 {
                #expect(PluralCategory.all(in: language).contains(PluralCategory(count, in: language)))
            }
            #expect(PluralCategory(-3, in: language) == PluralCategory(3, in: language))
        }
    }

    @Test func `values are put in as they are, and what they hold is not looked at again`() {
        let texts = self.texts(
            .french,
            ["hello": "Bonjour {name}, {day}", "n.one": "{count} {name}", "n.other": "{count} {name}"]
        )
        #expect(texts.text("hello", ["name": "Salma", "day": "lundi"]) == "Bonjour Salma, lundi")
        for _ in 1...20 {
            #expect(texts.text("hello", ["name": "{day}", "day": "{name}"]) == "Bonjour {day}, {name}")
            #expect(texts.plural("n", 3, ["name": "{count}"]) == "3 {count}")
        }
        #expect(texts.text("missing") == "missing")
    }

    @Test func `templates take a text's values escaped and its own signs as they are shown`() {
        let texts = self.texts(.french, ["a": "1 < 2 & {name}", "b_html": "<b>{name}</b>"])
        #expect(texts.expand("<p>{{#t}}a{{/t}}</p>").source == "<p>1 &lt; 2 &amp; {{name}}</p>")
        #expect(texts.expand("{{#t}} b_html {{/t}}").source == "<b>{{name}}</b>")
        #expect(texts.expand("{{#t}}a{{/t}}{{#t}}c{{/t}}{{#t}}d{{/t}}").missing == ["c", "d"])
        #expect(texts.expand("no text {{x}} {{#t}}a").source == "no text {{x}} {{#t}}a")
    }

    @Test func `what is escaped cannot leave an element or an attribute`() {
        for text in NaughtyStrings.all {
            let escaped = text.escapedForHTML
            #expect(!escaped.contains { "<>\"'".contains($0) })
        }
        #expect("<&>\"'".escapedForHTML == "&lt;&amp;&gt;&quot;&#39;")
    }

    @Test func `a file with a key that stands elsewhere too is a fault`() async throws {
        let files = ["locales/fr/a.yaml": "x:\n  y: one\n", "locales/fr/b.yaml": "x:\n  y: two\n"]
        await #expect(throws: (any Error).self) {
            try await Repository.withFolder(files) { try Translations.load(.french, resources: $0) }
        }
        let loaded = try await Repository.withFolder(["locales/fr/a.yaml": "x:\n  y: one\n  z: two\n"]) {
            try Translations.load(.french, resources: $0)
        }
        #expect(loaded.keys == ["x.y", "x.z"])
        #expect(loaded.text("x.y") == "one")
    }

    @Test func `every catalogue in Resources has the same keys`() throws {
        let languages = Language.allCases
        let french = try Translations.load(.french, resources: Repository.resources)
        for language in languages {
            let texts = try Translations.load(language, resources: Repository.resources)
            func bare(_ keys: Set<String>) -> Set<String> {
                Set(
                    keys.map { key in
                        for category in PluralCategory.allCases where key.hasSuffix(".\(category.rawValue)") {
                            return String(key.dropLast(category.rawValue.count + 1))
                        }
                        return key
                    }
                )
            }
            #expect(bare(texts.keys).symmetricDifference(bare(french.keys)).sorted() == [], "\(language)")
            for key in texts.keys { #expect(!(texts.find(key) ?? "").trimmed.isEmpty, "\(language) \(key)") }
        }
    }
}

@Suite struct `Where a form comes from` {
    private let clock = TestClock()
    private let forms: FormGuard

    init() {
        self.forms = FormGuard(
            tokens: FormTokens(key: MasterKey.random().derive("forms")),
            origins: ["https://a.example"],
            clock: self.clock.clock
        )
    }

    private func request(site: String? = nil, origin: String? = nil) -> Request {
        var fields = HTTPFields()
        if let site { fields[HTTPField.Name("Sec-Fetch-Site")!] = site }
        if let origin { fields[.origin] = origin }
        return Request(
            head: HTTPRequest(method: .post, scheme: "https", authority: "a.example", path: "/", headerFields: fields),
            body: RequestBody(buffer: ByteBuffer())
        )
    }

    private func passes(
        _ token: String?,
        _ request: Request,
        purpose: String = "x",
        subject: String = "",
        isStaff: Bool = false
    ) -> Bool {
        let form = FormBody(token.map { [FormGuard.field: [$0]] } ?? [:])
        do {
            try self.forms.check(form, request, purpose, subject: subject, isStaff: isStaff)
            return true
        } catch { return false }
    }

    @Test func `a genuine token is needed, and the browser must not contradict it`() {
        let token = self.forms.issue("x")
        for (site, origin, passes, staffPasses) in [
            ("same-origin", "https://a.example", true, true), ("same-origin", nil, true, true),
            (nil, "https://a.example", true, true),
            (nil, nil, true, false), ("same-origin", "null", true, true), (nil, "null", false, false),
            ("cross-site", nil, false, false), ("same-site", nil, false, false), ("none", nil, false, false),
            ("cross-site", "https://a.example", false, false), ("same-origin", "https://b.example", false, false),
            (nil, "http://a.example", false, false), (nil, "https://a.example.b", false, false),
            (nil, "", false, false),
        ] as [(String?, String?, Bool, Bool)] {
            let request = self.request(site: site, origin: origin)
            #expect(self.passes(token, request) == passes, "\(site ?? "-") \(origin ?? "-")")
            #expect(self.passes(token, request, isStaff: true) == staffPasses, "staff \(site ?? "-") \(origin ?? "-")")
            #expect(!self.passes(nil, request) && !self.passes("", request) && !self.passes(token + "A", request))
        }
    }

    @Test func `a token is good for its purpose and its session only, and for a day`() {
        let request = self.request(site: "same-origin")
        let token = self.forms.issue("x", subject: "session")
        #expect(self.passes(token, request, subject: "session"))
        #expect(!self.passes(token, request, subject: "other"))
        #expect(!self.passes(token, request))
        #expect(!self.passes(token, request, purpose: "y", subject: "session"))
        self.clock.advance(24 * 3600)
        #expect(!self.passes(token, request, subject: "session"))
    }
}

@Suite struct `Cookies that open something` {
    @Test func `they are bound to the host, to HTTPS and to forms of our own, and no script reads them`() throws {
        let cookie = TokenCookie("x")
        let token = SecretToken.random()
        var response = Response(status: .ok)
        cookie.set(token, on: &response)
        let line = try #require(response.headers[.setCookie])
        for part in ["__Host-x=\(token.text)", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"] {
            #expect(line.contains(part))
        }
        #expect(!line.contains("Domain"))
        var cleared = Response(status: .ok)
        cookie.clear(on: &cleared)
        #expect(cleared.headers[.setCookie]?.contains("Max-Age=0") == true)
    }

    @Test func `a cookie that holds no token is none`() {
        let cookie = TokenCookie("x")
        for text in NaughtyStrings.all.filter({ $0.allSatisfy { $0.isASCII && !$0.isNewline && $0 != "\0" } }) + [
            "x", String(repeating: "A", count: 42),
        ] {
            var fields = HTTPFields()
            fields[.cookie] = "__Host-x=\(text)"
            let request = Request(
                head: HTTPRequest(
                    method: .get,
                    scheme: "https",
                    authority: "a.example",
                    path: "/",
                    headerFields: fields
                ),
                body: RequestBody(buffer: ByteBuffer())
            )
            #expect(cookie.token(in: request) == nil)
        }
    }
}
