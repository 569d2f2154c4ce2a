import App
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault
import WebSupport

@Suite struct `Requests no browser sends` {
    @Test func `a foreign host is refused on both sites`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for visitor in [house.visitor(), house.colleague()] {
                for host in [
                    "evil.example", "localhost", "127.0.0.1", "", "\(visitor.host).evil.example", "\(visitor.host):81",
                    "evil.example/\(visitor.host)", nil,
                ] {
                    let page = try await visitor.send(.get, "/fr/", host: .some(host))
                    // None at all is a malformed request (RFC 9112 section 3.2).
                    let wanted = host == nil ? 400 : 421
                    #expect(page.status == wanted, "\(host ?? "none") gives \(page.status)")
                }
                #expect(try await visitor.send(.get, "/fr/", host: visitor.host.uppercased()).status != 421)
            }
            #expect(try await house.visitor().send(.get, "/fr/dossiers", host: TestHouse.deskHost).status == 421)
        }
    }

    @Test(arguments: [
        "/fr/%00", "/fr/aide?s=%00", "/fr/%0d%0aSet-Cookie:a=b", "/fr/aide?s=%7f", "/fr/%", "/fr/%zz", "/fr/%4",
        "/fr/aide?d=%1b", "/%0A",
    ])
    func `control characters and broken escapes are refused`(target: String) async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for visitor in [house.visitor(), house.colleague()] {
                #expect(try await visitor.get(target).status == 400)
            }
        }
    }

    @Test func `an address longer than 4 KiB is refused`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            #expect(try await house.visitor().get("/fr/aide?s=" + String(repeating: "a", count: 4096)).status == 414)
            #expect(try await house.visitor().get("/fr/aide?s=" + String(repeating: "a", count: 4000)).status == 200)
        }
    }

    @Test(arguments: [
        "/fr/../../etc/passwd", "/assets/..%2f..%2fPackage.swift", "/assets/%2e%2e/app.css",
        "/fr/guides/..%2f..%2ftree", "/fr/guides/%252e%252e", "//evil.example/", "/fr//aide//", "/FR/aide", "/fr/aide/",
        "/xx/", "/de/aide",
    ])
    func `ways around are not found`(target: String) async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let page = try await house.visitor().get(target)
            #expect([200, 303, 400, 404].contains(page.status), "\(page.status)")
            if let location = page.headers[.location] { #expect(location.hasPrefix("/") && !location.hasPrefix("//")) }
            #expect(!page.text.contains("swift-tools-version") && !page.text.contains("root:"))
        }
    }

    @Test func `methods that a route does not have are refused, headers and page included`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for method in [HTTPRequest.Method.put, .delete, .patch, .options, .trace, .connect, .init("BREW")!] {
                for visitor in [house.visitor(), house.colleague()] {
                    let page = try await visitor.send(method, "/fr/aide")
                    #expect((400...499).contains(page.status), "\(method) \(page.status)")
                }
            }
            #expect(try await house.visitor().post("/fr/guides", []).status == 404)
        }
    }

    @Test func `HEAD gives what GET gives`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for target in ["/fr/", "/fr/aide", "/fr/guides", "/fr/none"] {
                let get = try await house.visitor().get(target)
                let head = try await house.visitor().send(.head, target)
                #expect(head.status == get.status)
                #expect(head.headers[.contentType] == get.headers[.contentType])
            }
        }
    }

    @Test func `what goes wrong inside is said without a word about it, with all headers`() async throws {
        let engine = TestEngine.sqlite
        try await engine.withOpener { open in
            let database = try await open()
            try await database.migrate(Schemas.all)
            let house = try await TestHouse(database)
            _ = try await house.openDesk()
            try await database.close()
            for language in ["fr", "ar", "en", "zgh"] {
                let page = try await house.visitor().get("/\(language)/signaler")
                #expect(page.status == 500)
                for word in ["SQL", "sqlite", "Error(", "database", "/tmp"] { #expect(!page.text.contains(word)) }
            }
            let form = try await house.colleague().get("/fr/connexion").form("/connexion")
            #expect(
                try await house.colleague().send(form, [("email", "a@b.ma"), ("password", "x"), ("code", "1")]).status
                    == 500
            )
        }
    }

    @Test func `an error page speaks the language of the address, else of the browser`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let visitor = house.visitor()
            #expect(try await visitor.get("/ar/none").text.contains("lang=\"ar\" dir=\"rtl\""))
            visitor.acceptLanguage = "ar;q=0.8, en;q=0.9"
            #expect(try await visitor.get("/none").text.contains("lang=\"en\" dir=\"ltr\""))
            #expect(try await visitor.get("/").headers[.location] == "/en/")
            visitor.acceptLanguage = "de"
            #expect(try await visitor.get("/").headers[.location] == "/fr/")
        }
    }
}

@Suite struct `Forms of the public` {
    /// A form of each kind, filled in rightly, for breaking: the page it stands on, its address, its fields.
    private func forms(_ house: TestHouse) async throws -> [(
        visitor: Visitor, form: Page.Form, fields: [(String, String)]
    )] {
        var all: [(visitor: Visitor, form: Page.Form, fields: [(String, String)])] = []
        let visitor = house.visitor()
        all.append((visitor, try await visitor.get("/fr/aide").form("/aide"), [("answer", "me")]))
        all.append((visitor, try await visitor.get("/fr/verify").form("/verify"), [("proof", "x")]))
        all.append((visitor, try await visitor.get("/fr/suivi").form("/suivi"), [("code", "1")]))
        for number in 1...house.house.intake.questionnaires.all.count {
            let page = try await visitor.get("/fr/signaler?f=\(number)")
            if let form = page.forms.first(where: { $0.action.contains("signaler") }) {
                all.append(
                    (
                        visitor, form,
                        Array(Set(form.names)).sorted().filter { !["form", "s"].contains($0) && !$0.contains("files") }
                            .map { ($0, "") }
                    )
                )
            }
        }
        // Back with a code.
        let acceptance = try await house.report()
        let reporter = house.visitor()
        let entered = try await reporter.send(
            try await reporter.get("/fr/suivi").form("/suivi"),
            [("code", acceptance.code.digits)]
        )
        let page = try await reporter.follow(entered)
        for (ending, fields) in [
            ("/message", [("text", "x")]), ("/adresse", [("kind", "url"), ("item", "a.example")]),
            ("/identite", [("name", "x"), ("contact", "xxxxx")]), ("/retrait", [("sure", "no")]),
        ] {
            all.append((reporter, try page.form(ending), fields))
        }
        return all
    }

    @Test(arguments: TestEngine.available)
    func `a form without its token, or with another's, is refused`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let before = try await house.count("report_entry")
            let other = try #require(try await house.visitor().get("/fr/verify").token)
            for (visitor, form, fields) in try await self.forms(house) {
                let rest = form.hidden.filter { $0.0 != "form" } + fields
                for token in [
                    nil, "", "x", String(repeating: "A", count: 75), form.action.contains("verify") ? "x" : other,
                ] {
                    let page = try await visitor.post(form.action, (token.map { [("form", $0)] } ?? []) + rest)
                    #expect(page.status == 403, "\(form.action) gives \(page.status)")
                }
            }
            // The one report that `forms` made itself.
            #expect(try await house.count("report_entry") == before + 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a form from another site is refused, one from an old browser is not`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            for (visitor, form, fields) in try await self.forms(house) {
                for site in ["cross-site", "same-site", "none", ""] {
                    visitor.site = site
                    #expect(try await visitor.send(form, fields).status == 403, "\(form.action) \(site)")
                }
                visitor.site = nil
                visitor.sendsOrigin = false
                var headers = HTTPFields()
                for origin in [
                    "https://evil.example", "null", "http://\(visitor.host).evil.example", "https://\(visitor.host)",
                ] {
                    headers[.origin] = origin
                    let page = try await visitor.post(form.action, form.with(fields), headers: headers)
                    #expect(page.status == 403, "\(form.action) \(origin)")
                }
                #expect(try await visitor.send(form, fields).status != 403, "\(form.action)")
                (visitor.site, visitor.sendsOrigin) = ("same-origin", true)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a form that has expired is refused`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let visitor = house.visitor()
            let form = try await visitor.get("/fr/verify").form("/verify")
            house.clock.advance(24 * 3600 - 1)
            #expect(try await visitor.send(form, [("proof", "x")]).status == 200)
            house.clock.advance(2)
            #expect(try await visitor.send(form, [("proof", "x")]).status == 403)
        }
    }

    @Test(arguments: TestEngine.available)
    func `bodies that are malformed are refused`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            var targets: [(Visitor, String)] = try await self.forms(house).map { ($0.visitor, $0.form.action) }
            for row in DeskRows.all where row.method == .post && !row.route.contains("invitation") {
                let role: Role =
                    if case .only(let roles) = row.access { roles.sorted { $0.rawValue < $1.rawValue }[0] } else {
                        .analyst
                    }
                let visitor = try await cast.visitor(role)
                targets.append((visitor, try await row.prepare(cast, visitor).target))
            }
            for (visitor, target) in targets {
                func status(_ bytes: [UInt8], _ type: String? = "application/x-www-form-urlencoded") async throws -> Int
                {
                    try await visitor.post(target, bytes: bytes, type: type).status
                }
                for type in [nil, "", "text/plain", "application/json", "application/xml", "x"] {
                    #expect(try await status(Array("form=x".utf8), type) == 415, "\(target) \(type ?? "none")")
                }
                for body in [
                    "form=%", "form=%4", "form=%zz", "%=x", "form=%+1", "form=%ff", "form=%c3%28", "form=%ed%a0%80",
                ] {
                    #expect(try await status(Array(body.utf8)) == 400, "\(target) \(body)")
                }
                #expect(try await status([0x66, 0x3d, 0xff]) == 400)
                let many = Array(String(repeating: "a=b&", count: 501).utf8)
                #expect(try await status(many) == 400, "\(target)")
                #expect(try await status(Array(repeating: 0x61, count: 1024 * 1024 + 1)) == 413, "\(target)")
                for body in ["", "&", "&&&", "=", "=&=", "a", "a=b=c", "form"] {
                    #expect((300...499).contains(try await status(Array(body.utf8))), "\(target) \(body)")
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `naughty strings in every field are answered, never with an error of ours`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let step = engine == .sqlite ? 1 : 5
            for (visitor, form, fields) in try await self.forms(house) {
                for index in stride(from: 0, to: NaughtyStrings.all.count, by: step) {
                    let text = NaughtyStrings.all[index]
                    house.clock.advance(61)
                    var tries = [form.hidden + fields.map { ($0.0, text) }]
                    if index % 10 == 0 {
                        for name in fields.map(\.0) {
                            tries.append(form.hidden + fields.map { $0.0 == name ? ($0.0, text) : $0 })
                        }
                        for name in form.hidden.map(\.0) {
                            tries.append(form.hidden.map { $0.0 == name ? ($0.0, text) : $0 } + fields)
                        }
                    }
                    for fields in tries {
                        let page = try await visitor.post(form.action, fields)
                        #expect(page.status < 500, "\(form.action) \(text.debugDescription) gives \(page.status)")
                    }
                    // The form's day, and the visit, are not to run out.
                    house.clock.advance(-61)
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `naughty strings in every query parameter are answered, never with an error of ours`(engine: TestEngine)
        async throws
    {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            let acceptance = try await house.report()
            let analyst = try await cast.visitor(.analyst)
            let auditor = try await cast.visitor(.auditor)
            let targets: [(Visitor, String)] =
                ["aide?s=", "aide?d=", "signaler?f=", "signaler?f=1&s=", "suivi?ok=", "guides/passwords?taille="].map {
                    (house.visitor(), $0)
                }
                + [
                    "dossiers?q=", "dossiers?vue=", "dossiers?categorie=", "dossiers?gravite=", "dossiers?apres=",
                    "dossiers?pris=1&refus=", "dossiers/export?categorie=", "dossiers/\(acceptance.report.id)?modele=",
                    "compte/facteur?retour=", "invitation?jeton=",
                ].map { (analyst, $0) }
                + [(auditor, "journal?avant=")]
            for (visitor, target) in targets {
                for text in NaughtyStrings.all where text.utf8.count < 1200 {
                    let escaped = Visitor.encoded([("", text)]).dropFirst()
                    let page = try await visitor.get("/fr/\(target)\(escaped)")
                    #expect(page.status < 500, "\(target) \(text.debugDescription) gives \(page.status)")
                    if let location = page.headers[.location] { #expect(location.hasPrefix("/fr/"), "\(location)") }
                }
            }
            for text in NaughtyStrings.all where text.utf8.count < 1200 {
                let escaped = Visitor.encoded([("", text)]).dropFirst()
                for (visitor, path) in [
                    (house.visitor(), "/fr/guides/"), (house.visitor(), "/fr/actualites/"),
                    (house.visitor(), "/assets/"), (house.visitor(), "/"), (analyst, "/fr/dossiers/"),
                    (analyst, "/fr/equipe/"),
                ] {
                    #expect(try await visitor.get("\(path)\(escaped)").status < 500)
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `naughty strings in the desk's forms are answered, never with an error of ours`(engine: TestEngine)
        async throws
    {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            let step = engine == .sqlite ? 3 : 15
            for row in DeskRows.all
            where row.method == .post && !row.route.contains("deconnexion") && !row.route.hasSuffix("/sessions") {
                let role: Role =
                    if case .only(let roles) = row.access { roles.sorted { $0.rawValue < $1.rawValue }[0] } else {
                        .analyst
                    }
                let visitor = try await cast.visitor(role)
                let attempt = try await row.prepare(cast, visitor)
                let page = try await visitor.get(
                    row.route.contains("connexion")
                        ? "/fr/connexion" : row.route.contains("recuperation") ? "/fr/recuperation" : "/fr/compte"
                )
                let token = page.token ?? ""
                for index in stride(from: 0, to: NaughtyStrings.all.count, by: step) {
                    let text = NaughtyStrings.all[index]
                    var tries = [
                        attempt.fields.map { ["version", "item", "secret"].contains($0.0) ? $0 : ($0.0, text) }
                    ]
                    if index % 7 == 0 { tries.append(attempt.fields.map { ($0.0, text) }) }
                    for fields in tries {
                        let page = try await visitor.post(attempt.target, [("form", token)] + fields)
                        #expect(page.status < 500, "\(row.route) \(text.debugDescription) gives \(page.status)")
                    }
                }
            }
        }
    }
}

@Suite struct `Caches` {
    @Test func `pages that are the same for everybody are kept and asked for again, personal ones are kept nowhere`()
        async throws
    {
        try await TestHouse.with(.sqlite) { house async throws in
            _ = try await house.openDesk()
            let visitor = house.visitor()
            for target in [
                "/fr/", "/ar/", "/fr/guides", "/fr/guides/passwords", "/fr/contacts", "/fr/vie-privee", "/robots.txt",
                "/sitemap.xml", "/fr/flux.xml",
            ] {
                let page = try await visitor.get(target)
                #expect(page.headers[.cacheControl] == "no-cache", "\(target)")
                let tag = try #require(page.headers[.eTag], "\(target)")
                var headers = HTTPFields()
                headers[.ifNoneMatch] = tag
                let again = try await visitor.get(target, headers: headers)
                #expect(again.status == 304 && again.bytes.isEmpty, "\(target) gives \(again.status)")
                #expect(again.headers[.eTag] == tag)
                headers[.ifNoneMatch] = "\"other\""
                #expect(try await visitor.get(target, headers: headers).status == 200)
                headers = HTTPFields()
                headers[.acceptEncoding] = "gzip"
                let small = try await visitor.get(target, headers: headers)
                if small.headers[.contentEncoding] == "gzip" {
                    #expect(small.bytes.starts(with: [0x1f, 0x8b]) && small.bytes.count < page.bytes.count)
                    #expect(small.headers[.vary]?.contains("Accept-Encoding") == true)
                }
            }
            for target in [
                "/fr/aide", "/fr/signaler", "/fr/signaler?f=1", "/fr/suivi", "/fr/verify", "/fr/none",
                "/fr/suivi/dossier",
            ] {
                #expect(try await visitor.get(target).headers[.cacheControl] == "no-store", "\(target)")
            }
            for target in ["/fr/connexion", "/fr/dossiers", "/fr/"] {
                #expect(try await house.colleague().get(target).headers[.cacheControl] == "no-store", "\(target)")
            }
        }
    }

    @Test func `files carry their fingerprint and are kept for ever`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let visitor = house.visitor()
            let home = try await visitor.get("/fr/").text
            let css = try #require(home.firstMatch(of: /<link rel="stylesheet" href="([^"]+)">/)).output.1
            let page = try await visitor.get(String(css))
            #expect(page.status == 200)
            #expect(page.headers[.contentType]?.hasPrefix("text/css") == true)
            #expect(page.headers[.cacheControl] == "public, max-age=31536000, immutable")
        }
    }

    @Test func `a demonstration says so on every page and is not to be found, a real one is`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for target in ["/fr/", "/ar/aide", "/en/none", "/zgh/guides"] {
                let page = try await house.visitor().get(target)
                #expect(page.headers[HTTPField.Name("X-Robots-Tag")!]?.contains("noindex") == true)
                #expect(page.text.contains("class=\"demo\""))
            }
            #expect(try await house.visitor().get("/robots.txt").text.contains("Disallow: /\n"))
        }
        try await TestHouse.with(.sqlite, isProduction: true) { house async throws in
            let page = try await house.visitor().get("/fr/")
            #expect(page.headers[HTTPField.Name("X-Robots-Tag")!] == nil)
            #expect(!page.text.contains("class=\"demo\""))
            #expect(!(try await house.visitor().get("/robots.txt").text.contains("Disallow: /\n")))
        }
    }

    @Test func `no page asks for anything from elsewhere`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            for target in ["/fr/", "/fr/guides/passwords", "/fr/aide", "/fr/signaler?f=1"] {
                let text = try await house.visitor().get(target).text
                for match in text.matches(of: /(?:src|srcset|poster|data)="([^"]*)"/) {
                    #expect(!match.output.1.contains("//"), "\(match.output.0)")
                }
            }
        }
    }
}
