import App
import Casework
import Foundation
import Hummingbird
import Identity
import Intake
import Kernel
import Mail
import Notifications
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault
import WebSupport

/// Every template, rendered in every language; that the HTML is right and has one heading is looked at by `Visitor`.
@Suite struct `Templates` {
    /// Parts of pages, rendered with the pages they are in.
    private static let parts: Set<String> = [
        "portal.contact", "portal.file-field", "portal.follow-news", "portal.report-field", "shared.error-summary",
        "shared.fallback",
        "shared.layout",
    ]

    private typealias Show = @Sendable (Cast, String) async throws -> (page: Page, status: Int)

    private static func portal(_ target: String, _ status: Int = 200) -> Show {
        { cast, language in (try await cast.house.visitor().get("/\(language)/\(target)"), status) }
    }

    private static func desk(_ role: Role, _ target: String, _ status: Int = 200) -> Show {
        { cast, language in (try await cast.visitor(role).get("/\(language)/\(target)"), status) }
    }

    private static func desk(
        _ role: Role,
        _ status: Int,
        _ target: @escaping @Sendable (Cast) async throws -> (String, [(String, String)])
    ) -> Show {
        { cast, language in
            let visitor = try await cast.visitor(role)
            let token = try #require(try await visitor.get("/\(language)/compte").token)
            let (target, fields) = try await target(cast)
            return (try await visitor.post("/\(language)/\(target)", [("form", token)] + fields), status)
        }
    }

    private static let pages: [String: Show] = [
        "shared.error": Self.portal("none", 404),
        "portal.home": Self.portal(""),
        "portal.guides": Self.portal("guides"),
        "portal.article": Self.portal("guides/passwords"),
        "portal.contacts": Self.portal("contacts"),
        "portal.help-question": Self.portal("aide"),
        "portal.help-result": { cast, language in
            let visitor = cast.house.visitor()
            var page = try await visitor.get("/\(language)/aide")
            while let form = page.forms.first(where: { $0.action.hasSuffix("/aide") }) {
                let option = try #require(form.html.firstMatch(of: /name="answer" value="([^"]*)"/)).output.1
                page = try await visitor.follow(try await visitor.send(form, [("answer", String(option))]))
            }
            return (page, 200)
        },
        "portal.report-kinds": Self.portal("signaler"),
        "portal.report-form": { cast, language in
            var page = try await cast.house.visitor().get("/\(language)/signaler")
            for number in 1...cast.house.house.intake.questionnaires.all.count {
                let visitor = cast.house.visitor()
                page = try await visitor.get("/\(language)/signaler?f=\(number)")
                if let form = page.forms.first(where: { $0.action.contains("signaler") }) {
                    #expect(try await visitor.send(form, [("item-url", "not one"), ("url", "not one")]).status == 422)
                }
            }
            return (page, 200)
        },
        "portal.report-wait": { cast, language in
            let visitor = try await cast.house.waiting()
            let form = try #require(
                try await visitor.get("/\(language)/signaler?f=15").forms.first { $0.action.contains("signaler") }
            )
            let fields = Set(form.names).filter { !["form", "s"].contains($0) }.sorted().map { ($0, "") }
            _ = fields
            let filled = try cast.house.filled(form)
            _ = try await visitor.post(form.action, filled)
            return (try await visitor.post(form.action, filled), 429)
        },
        "portal.child-closed": { cast, language in
            try await cast.house.house.casework.closeChildChannel(
                by: try await cast.house.session(cast.team.administrator).principal
            )
            let number =
                try #require(cast.house.house.intake.questionnaires.all.firstIndex { $0.questionnaire.route == .child })
                + 1
            let page = try await cast.house.visitor().get("/\(language)/signaler?f=\(number)")
            try await cast.house.openChildChannel(cast.team)
            return (page, 200)
        },
        "portal.receipt": { cast, language in
            let visitor = cast.house.visitor()
            let form = try #require(
                try await visitor.get("/\(language)/signaler?f=15").forms.first { $0.action.contains("signaler") }
            )
            return (try await visitor.post(form.action, try cast.house.filled(form)), 200)
        },
        "portal.follow-code": Self.portal("suivi"),
        "portal.follow-case": { cast, language in
            let code = try await cast.house.report().code.digits
            let visitor = cast.house.visitor()
            cast.house.clock.advance(60)
            let entered = try await visitor.send(
                try await visitor.get("/\(language)/suivi").form("/suivi"),
                [("code", code)]
            )
            let page = try await visitor.follow(entered)
            #expect(try await visitor.send(try page.form("/message"), [("text", "")]).status == 422)
            #expect(try await visitor.send(try page.form("/identite"), [("contact", "")]).status == 422)
            return (page, 200)
        },
        "portal.news-leave": { cast, language in
            let link = try await cast.house.newsLink(cast.team, try #require(Language(rawValue: language)))
            let visitor = cast.house.visitor()
            let page = try await visitor.get(link)
            #expect(try await visitor.post(link, []).status == 200)
            return (page, 200)
        },
        "portal.verify": Self.portal("verify"),
        "portal.visit": { cast, language in (try await cast.house.visitor().get("/\(language)/visite"), 200) },
        "desk.visit": { cast, language in (try await cast.house.colleague().get("/\(language)/visite"), 200) },
        "desk.sign-in": { cast, language in (try await cast.house.colleague().get("/\(language)/connexion"), 200) },
        "desk.recover": { cast, language in (try await cast.house.colleague().get("/\(language)/recuperation"), 200) },
        "desk.invitation": { cast, language in
            let link = try await cast.house.house.identity.invite(
                email: "t\(UInt32.random(in: 0...UInt32.max))@y.example",
                name: "Nom",
                roles: ["analyst"],
                by: try await cast.house.session(cast.team.keyHolder)
            )
            return (try await cast.house.colleague().get("/\(language)/invitation?jeton=\(link.text)"), 200)
        },
        "desk.enrolled": { cast, language in
            let link = try await cast.house.house.identity.invite(
                email: "e\(UInt32.random(in: 0...UInt32.max))@y.example",
                name: "Nom",
                roles: ["analyst"],
                by: try await cast.house.session(cast.team.keyHolder)
            )
            let visitor = cast.house.colleague()
            let page = try await visitor.get("/\(language)/invitation?jeton=\(link.text)")
            let code = cast.house.code(try #require(page.sharedSecret))
            let fields = [("name", "Salma"), ("password", Rooms.password), ("code", code)]
            return (try await visitor.send(try page.form("/invitation"), fields), 200)
        },
        "desk.queue": { cast, language in
            try await cast.house.report()
            return (try await cast.visitor(.analyst).get("/\(language)/dossiers"), 200)
        },
        "desk.bulk": Self.desk(.analyst, 200) { cast in
            ("dossiers/lot", [("case", "\(try await cast.house.report().report.id):1")])
        },
        "desk.case": { cast, language in
            let id = try await cast.house.report().report.id
            return (try await cast.visitor(.senior).get("/\(language)/dossiers/\(id)"), 200)
        },
        "desk.child-case": { cast, language in
            let id = try await cast.house.report("child-abuse").report.id
            return (try await cast.visitor(.childProtection).get("/\(language)/enfants/\(id)"), 200)
        },
        "desk.child-channel": Self.desk(.administrator, "voie-enfants"),
        "desk.staff": Self.desk(.administrator, "equipe"),
        "desk.person": { cast, language in
            let id = try await cast.newcomer().id
            return (try await cast.visitor(.senior).get("/\(language)/equipe/\(id)"), 200)
        },
        "desk.link": Self.desk(.administrator, 200) { _ in
            (
                "equipe",
                [("email", "l\(UInt32.random(in: 0...UInt32.max))@y.example"), ("name", "Nom"), ("roles", "senior")]
            )
        },
        "desk.account": Self.desk(.analyst, "compte"),
        "desk.factor": Self.desk(.analyst, "compte/facteur"),
        "desk.authenticator": Self.desk(.analyst, "compte/authentificateur"),
        "desk.printed": Self.desk(.legal, 200) { _ in ("compte/secours", [("sure", "yes")]) },
        "desk.on-call": { cast, language in
            try await cast.house.report("sextortion")
            return (try await cast.visitor(.analyst).get("/\(language)/garde"), 200)
        },
        "desk.notices": Self.desk(.analyst, "avis"),
        "desk.audit": Self.desk(.auditor, "journal"),
        "desk.expired": { cast, language in
            let id = try await cast.house.report().report.id
            return (try await cast.house.colleague().post("/\(language)/dossiers/\(id)/note", [("text", "kept")]), 401)
        },
    ]

    /// Templates that no page of this list shows, with the reason.
    private static let others: [String: String] = [:]

    @Test func `every template has a page here`() throws {
        var all: Set<String> = []
        for surface in ["shared", "portal", "desk"] {
            let folder = Repository.resources.appending(path: "templates/\(surface)").path
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasSuffix(".mustache") {
                all.insert("\(surface).\(name.dropLast(".mustache".count))")
            }
        }
        let known = Self.parts.union(Self.pages.keys).union(Self.others.keys)
        #expect(all.subtracting(known).sorted() == [], "templates without a page")
        #expect(known.subtracting(all).sorted() == [], "pages without a template")
    }

    @Test(arguments: Language.allCases)
    func `every page is right in every language`(language: Language) async throws {
        try await TestHouse.with(.sqlite, isDemo: true) { house async throws in
            let cast = try await Cast(house)
            for (template, show) in Self.pages.sorted(by: { $0.key < $1.key }) {
                let (page, status) = try await show(cast, language.rawValue)
                #expect(page.status == status, "\(template) in \(language) gives \(page.status)")
                #expect(page.isHTML, "\(template)")
                #expect(
                    page.text.contains("<html lang=\"\(language.rawValue)\" dir=\"\(language.direction)\""),
                    "\(template) in \(language)"
                )
                #expect(
                    page.headers[.contentLanguage] == language.rawValue || page.headers[.contentLanguage] == nil,
                    "\(template)"
                )
            }
        }
    }

    @Test(arguments: Language.allCases)
    func `every guide, page and piece of news is right in every language`(language: Language) async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let visitor = house.visitor()
            var seen: Set<String> = []
            var next = [
                "/\(language)/", "/\(language)/guides", "/\(language)/contacts", "/\(language)/a-propos",
                "/\(language)/vie-privee", "/\(language)/accessibilite",
            ]
            while let target = next.popLast() {
                guard seen.insert(target).inserted else { continue }
                let page = try await visitor.get(target)
                #expect(page.status == 200, "\(target) gives \(page.status)")
                for match in page.text.matches(
                    of: /href="(\/[a-z]+\/(?:guides|actualites|contacts|a-propos|vie-privee|accessibilite)[^"#?]*)"/
                ) {
                    let link = String(match.output.1)
                    if link.hasPrefix("/\(language)/") { next.append(link) }
                }
            }
            #expect(seen.count >= 20)
        }
    }
}

extension TestHouse {
    /// What a mail that says "there is news" links to, to end it.
    func newsLink(_ team: Team, _ language: Language) async throws -> String {
        let id = try await self.report().report.id
        try await self.house.notifications.tellNews(
            of: .init(rawValue: id.rawValue),
            at: "reader@mailbox.example",
            in: language
        )
        let session = try await self.session(team.keyHolder)
        let access = DeskAccess(
            principal: session.principal,
            unitKeys: try await self.house.identity.unitKeys(session)
        )
        try await self.house.casework.reply("Bonjour", on: id, version: 1, asking: false, for: access)
        let worker = self.house.mailWorker(logger: Visitor.logger)
        while try await worker.runNext() {}
        let link = try #require(self.mails.sent.last?.leave)
        return link.replacing("http://\(Self.publicHost)", with: "")
    }

    /// A form of the last kind of report, filled in.
    func filled(_ form: Page.Form) throws -> [(String, String)] {
        let number = try #require(form.action.firstMatch(of: /f=([0-9]+)/).flatMap { Int($0.output.1) })
        var fields = form.hidden
        for field in self.house.intake.questionnaires.all[number - 1].questionnaire.fields {
            switch field.kind {
            case .single, .multiple: if field.required { fields.append((field.id, field.options[0].id)) }
            case .long, .text: fields.append((field.id, "a story"))
            case .date, .amount: break
            }
        }
        return fields + [("identity", "anonymous")]
    }

    /// A visitor of the same house whose limits are reached at once.
    func waiting() async throws -> Visitor {
        var config = self.house.config
        config.reportsPerMinute = 1
        config.reportsPerNetworkHour = 1
        let house = try House(self.house.environment, config, try await Self.library.value)
        return Visitor(house.portal().buildResponder(), host: Self.publicHost)
    }
}
