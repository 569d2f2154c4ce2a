import App
import Casework
import Foundation
import Guidance
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

@Suite struct `The main path` {
    /// Answers guided help until it says what it is: always the given options where they are offered, else the first.
    private func help(_ visitor: Visitor, _ language: String, preferring wanted: Set<String>) async throws -> Page {
        var page = try await visitor.get("/\(language)/aide")
        for _ in 1...10 {
            guard let form = page.forms.first(where: { $0.action == "/\(language)/aide" }) else { return page }
            let options = form.html.matches(of: /name="answer" value="([^"]*)"/).map { String($0.output.1) }
            let answer = options.first(where: wanted.contains) ?? options[0]
            page = try await visitor.follow(try await visitor.send(form, [("answer", answer)]))
        }
        return page
    }

    private func groups(_ page: Page) throws -> String {
        let digits = page.text.matches(of: />([0-9]{4}|[0-9]{2})</).map { String($0.output.1) }.joined()
        let match = try #require(digits.firstMatch(of: /[0-9]{26}/), "no code on the receipt")
        return String(match.output)
    }

    @Test(arguments: TestEngine.available, ["fr", "ar", "en", "zgh"])
    func `somebody gets help, reports, keeps a code, and hears back`(engine: TestEngine, language: String) async throws
    {
        try await TestHouse.with(engine) { house async throws in
            // Two people take up their work by their links, in the browser.
            let links = try #require(
                try await house.house.identity.firstStart(
                    administrator: EmailAddress("admin@desk.example")!,
                    keyHolder: EmailAddress("keys@desk.example")!
                )
            )
            let visitor = house.visitor()
            #expect(try await visitor.get("/\(language)/signaler?f=1").status == 503)
            let colleague = house.colleague()
            let invitation = try await colleague.get("/\(language)/invitation?jeton=\(links.keyHolder.text)").form(
                "/invitation"
            )
            // The page's own sealed secret belongs to the code it shows; the test reads it from there.
            let page = try await colleague.get(invitation.action)
            let form = try page.form("/invitation")
            let secret = try #require(page.sharedSecret)
            let refused = try await colleague.send(
                form,
                [("name", "Salma"), ("password", "short"), ("code", house.code(secret))]
            )
            #expect(refused.status == 422)
            let accepted = try await colleague.send(
                try refused.form("/invitation"),
                [("name", "Salma"), ("password", Rooms.password), ("code", house.code(secret))]
            )
            #expect(accepted.status == 200)
            #expect(accepted.headers[.cacheControl] == "no-store")
            #expect(try await colleague.get(invitation.action).status == 404)

            // Guided help, to the report, with the answers.
            let result = try await self.help(visitor, language, preferring: ["me", "victim", "money", "card"])
            #expect(result.status == 200)
            let report = try #require(
                result.text.matches(of: /href="(\/[a-z]+\/signaler\?f=[^"]*)"/).first.map {
                    HTMLCheck.unescaped(String($0.output.1))
                },
                "the result offers no report"
            )
            let asked = try await visitor.get(report)
            let reportForm = try #require(asked.forms.first { $0.action.contains("signaler") })
            // Nothing said: all mistakes at once, and nothing kept.
            let empty = try await visitor.send(reportForm, [])
            #expect(empty.status == 422)
            #expect(try await house.count("report") == 0)
            let filled = try self.fill(try #require(empty.forms.first { $0.action.contains("signaler") }), house)
            let receipt = try await visitor.post(filled.action, filled.fields)
            #expect(receipt.status == 200, "\(receipt.text.suffix(3000))")
            let code = try self.groups(receipt)
            // A double click, or a reload.
            #expect(try self.groups(try await visitor.post(filled.action, filled.fields)) == code)
            #expect(try await house.count("report") == 1)
            let proof = try #require(
                receipt.text.firstMatch(of: /format: cyberconfiance[^<]*/).map {
                    HTMLCheck.unescaped(String($0.output))
                }
            )

            // Anybody can verify the receipt.
            let verify = try await visitor.get("/\(language)/verify").form("/verify")
            let genuine = try await visitor.send(verify, [("proof", proof)])
            let forged = try await visitor.send(
                verify,
                [("proof", proof.replacing("reference: ", with: "reference: 1"))]
            )
            #expect(genuine.text.contains("data-k=\"ok\"") && !forged.text.contains("data-k=\"ok\""))

            // The desk: sign in, find, open, classify, ask.
            house.clock.advance(60)
            let signIn = try await colleague.get("/\(language)/connexion").form("/connexion")
            #expect(
                try await colleague.send(
                    signIn,
                    [("email", "keys@desk.example"), ("password", "wrong"), ("code", house.code(secret))]
                ).status == 422
            )
            let queue = try await colleague.follow(
                try await colleague.send(
                    signIn,
                    [("email", "keys@desk.example"), ("password", Rooms.password), ("code", house.code(secret))]
                )
            )
            #expect(queue.status == 200)
            let link = try #require(queue.text.firstMatch(of: /href="(\/[a-z]+\/dossiers\/[0-9a-f-]{36})"/)).output.1
            var file = try await colleague.get(String(link))
            #expect(file.text.contains("canary story"))
            #expect(!file.text.contains("href=\"https://evil.example"))
            file = try await colleague.follow(
                try await colleague.send(try file.form("/classer"), [("category", "scam"), ("urgency", "2")])
            )
            file = try await colleague.follow(try await colleague.send(try file.form("/etat"), [("event", "start")]))
            file = try await colleague.follow(
                try await colleague.send(
                    try file.form("/repondre"),
                    [("text", "canary question <b>?</b>"), ("asking", "yes")]
                )
            )
            file = try await colleague.follow(
                try await colleague.post(
                    try file.form("/classer").action.replacing("/classer", with: "/note"),
                    [
                        ("form", try file.form("/classer")["form"] ?? ""),
                        ("version", try file.form("/classer")["version"] ?? ""), ("text", "canary note"),
                    ]
                )
            )
            #expect(file.text.contains("canary note"))

            // The reporter comes back.
            let reporter = house.visitor()
            let ask = try await reporter.get("/\(language)/suivi").form("/suivi")
            #expect(try await reporter.send(ask, [("code", String(code.dropLast()))]).status == 422)
            let slip = String(code.dropLast()) + (code.hasSuffix("1") ? "2" : "1")
            #expect(try await reporter.send(ask, [("code", slip)]).status == 422)
            var case_ = try await reporter.follow(try await reporter.send(ask, [("code", code)]))
            #expect(case_.text.contains("canary story") || case_.text.contains("canary question"))
            #expect(case_.text.contains("canary question &lt;b&gt;?&lt;/b&gt;"))
            #expect(!case_.text.contains("canary note"))
            case_ = try await reporter.follow(
                try await reporter.send(try case_.form("/message"), [("text", "canary answer")])
            )
            #expect(case_.text.contains("canary answer"))

            // The desk reads it and closes; an old version is refused.
            let read = try await colleague.get(String(link))
            #expect(read.text.contains("canary answer"))
            #expect(try await colleague.send(try file.form("/etat"), [("event", "close.handled")]).status == 409)
            let closed = try await colleague.follow(
                try await colleague.send(try read.form("/etat"), [("event", "close.handled")])
            )
            #expect(closed.status == 200)
            case_ = try await reporter.get("/\(language)/suivi/dossier")
            #expect(case_.status == 200)
            #expect(!case_.forms.contains { $0.action.hasSuffix("/retrait") }, "a closed case offers to be withdrawn")

            // And leaves.
            let left = try await reporter.follow(try await reporter.send(try case_.form("/sortie"), []))
            #expect(left.status == 200)
            #expect(reporter.cookies.isEmpty)
            #expect(try await reporter.get("/\(language)/suivi/dossier").status == 303)
            let dump = try await Dump(house.house.environment.database)
            #expect(!dump.holds("canary") && !dump.holds(code))
            #expect(try await house.house.audit.verify(house.house.environment.database) != .intact(count: 0))
        }
    }

    /// Something in every field that must have something.
    private func fill(_ form: Page.Form, _ house: TestHouse) throws -> (action: String, fields: [(String, String)]) {
        let number = try #require(form.action.firstMatch(of: /f=([0-9]+)/).flatMap { Int($0.output.1) })
        let questionnaire = house.house.intake.questionnaires.all[number - 1].questionnaire
        var fields = form.hidden
        for field in questionnaire.fields {
            switch field.kind {
            case .single, .multiple: if field.required { fields.append((field.id, field.options[0].id)) }
            case .long, .text: fields.append((field.id, "canary story"))
            case .date, .amount: break
            }
        }
        for name in Set(form.names) where name.hasPrefix("item-url") || name == "url" {
            fields.append((name, "https://evil.example/pay"))
        }
        fields.append(("identity", "anonymous"))
        return (form.action, fields)
    }

    @Test(arguments: TestEngine.available)
    func `ten clicks at the same moment make one report`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let visitor = house.visitor()
            let number =
                try #require(house.house.intake.questionnaires.all.firstIndex { $0.questionnaire.id == "other" }) + 1
            let form = try #require(
                try await visitor.get("/fr/signaler?f=\(number)").forms.first { $0.action.contains("signaler") }
            )
            let filled = try self.fill(form, house)
            let pages = try await withThrowingTaskGroup(of: Page.self) { group in
                for _ in 1...10 { group.addTask { try await house.visitor().post(filled.action, filled.fields) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(pages.allSatisfy { $0.status == 200 })
            #expect(Set(try pages.map { try self.groups($0) }).count == 1)
            #expect(try await house.count("report") == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `guessing codes is slowed down, typing mistakes are not`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let visitor = house.visitor()
            let form = try await visitor.get("/fr/suivi").form("/suivi")
            for _ in 1...30 { #expect(try await visitor.send(form, [("code", "1234")]).status == 422) }
            for _ in 1...10 {
                #expect(try await visitor.send(form, [("code", ReceiptCode.random().digits)]).status == 422)
            }
            let limited = try await visitor.send(form, [("code", ReceiptCode.random().digits)])
            #expect(limited.status == 429)
            #expect(limited.headers[.retryAfter] == "60")
            house.clock.advance(60)
            #expect(try await visitor.send(form, [("code", ReceiptCode.random().digits)]).status == 422)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the child channel's form is closed, says where to go, and keeps nothing even when sent`(engine: TestEngine)
        async throws
    {
        try await TestHouse.with(engine) { house async throws in
            _ = try await house.openDesk()
            let visitor = house.visitor()
            let all = house.house.intake.questionnaires.all
            let number = try #require(all.firstIndex { $0.questionnaire.route == .child }) + 1
            for language in ["fr", "ar", "en", "zgh"] {
                let page = try await visitor.get("/\(language)/signaler?f=\(number)")
                #expect(page.status == 200)
                #expect(!page.forms.contains { $0.action.contains("signaler") })
                #expect(!page.text.contains("type=\"file\""))
            }
            let token = try #require(try await visitor.get("/fr/signaler?f=1").token)
            for url in ["https://bad.example/", "", "not one"] {
                let page = try await visitor.post(
                    "/fr/signaler?f=\(number)",
                    [("form", token), ("item-url", url), ("url", url)]
                )
                #expect(page.status >= 400)
                #expect(!page.text.contains("bad.example"))
                #expect(!page.forms.contains { $0.action.contains("signaler") }, "a form that may take nothing")
            }
            #expect(try await house.count("report") == 0)
        }
    }

    @Test
    func `no form about intimate images or a child takes a file, and none of the child channel's addresses is a link`()
        async throws
    {
        try await TestHouse.with(.sqlite) { house async throws in
            let cast = try await Cast(house)
            for (index, version) in house.house.intake.questionnaires.all.enumerated() {
                let page = try await house.visitor().get("/fr/signaler?f=\(index + 1)")
                if ["sextortion", "intimate-images", "minor-protection", "child-abuse"].contains(
                    version.questionnaire.category
                ) {
                    #expect(
                        !page.text.contains("type=\"file\"") && !page.text.contains("multipart"),
                        "\(version.questionnaire.id)"
                    )
                }
            }
            let id = try await house.report("child-abuse").report.id
            let cleared = try await cast.visitor(.childProtection)
            let masked = try await cleared.get("/fr/enfants/\(id)")
            #expect(!masked.text.contains("evil.example") && !masked.text.contains("evil[.]example"))
            let shown = try await cleared.post("/fr/enfants/\(id)/reveler", [("form", masked.token ?? "")])
            #expect(shown.text.contains("evil[.]example") && !shown.text.contains("evil.example"))
        }
    }

    @Test func `whatever the home page answers in advance, guided help asks a question`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let visitor = house.visitor()
            for language in ["fr", "ar", "en", "zgh"] {
                let home = try await visitor.get("/\(language)/").text
                let links = Set(
                    home.matches(of: /href="(\/[a-z]+\/(?:aide|signaler)[^"]*)"/).map {
                        HTMLCheck.unescaped(String($0.output.1))
                    }
                )
                #expect(links.count >= 10)
                for link in links { #expect([200, 503].contains(try await visitor.get(link).status), "\(link)") }
            }
        }
    }
}
