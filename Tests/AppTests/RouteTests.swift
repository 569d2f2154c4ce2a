import App
import Casework
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

/// Who works here, one for each role.
struct Cast: Sendable {
    let house: TestHouse
    let team: TestHouse.Team
    let people: [Role: Person]

    init(_ house: TestHouse) async throws {
        let team = try await house.openDesk()
        try await house.openChildChannel(team)
        var people: [Role: Person] = [.administrator: team.administrator]
        for role in [Role.intake, .analyst, .childProtection, .legal, .statistician, .auditor] {
            people[role] = try await house.staff(role, team)
        }
        // A key-holder who is nothing else: asked for by one, approved by another.
        let senior = try await house.staff(.senior, team)
        let administrator = try await house.session(team.administrator)
        let request = try #require(try await house.house.identity.roleRequests(for: administrator).first)
        try await house.house.identity.decide(request.id, .approved, by: administrator)
        try await house.house.identity.grantKeys(to: senior.id, by: try await house.session(team.keyHolder))
        people[.senior] = senior
        self.house = house
        self.team = team
        self.people = people
    }

    func visitor(_ role: Role) async throws -> Visitor {
        try await self.house.colleague(try #require(self.people[role]))
    }

    /// Somebody to whom something is done.
    func somebody() async throws -> Person { try await self.house.staff(.analyst, self.team) }

    /// Somebody who waits for a key.
    func newcomer() async throws -> Person {
        let link = try await self.house.house.identity.invite(
            email: "new-\(UInt32.random(in: 0...UInt32.max))@desk.example",
            name: "Newcomer",
            roles: ["analyst"],
            by: try await self.house.session(self.team.administrator)
        )
        return try await self.house.accept(link)
    }

    func openRequest() async throws -> String {
        let person = try await self.somebody()
        let session = try await self.house.session(self.team.keyHolder)
        _ = try await self.house.house.identity.changeRoles(of: person.id, to: ["analyst", "intake"], by: session)
        let requests = try await self.house.house.identity.roleRequests(for: session)
        return "\(try #require(requests.first { $0.staffId == person.id }).id)"
    }
}

/// What one route of the desk gives to whom.
struct Row: Sendable {
    enum Access: Sendable {
        case everybody
        case signedIn
        case only(Set<Role>)
    }

    typealias Attempt = (target: String, fields: [(String, String)])

    let route: String
    let access: Access
    /// Statuses for who may.
    let good: Set<Int>
    /// Statuses for who is signed in and may not.
    let refused: Set<Int>
    /// Where a redirection leads, if that matters.
    let leadsTo: String?
    let prepare: @Sendable (Cast, Visitor) async throws -> Attempt

    init(
        _ route: String,
        _ access: Access,
        _ good: Set<Int>,
        refused: Set<Int> = [403, 404],
        leadsTo: String? = nil,
        _ prepare: @escaping @Sendable (Cast, Visitor) async throws -> Attempt
    ) {
        self.route = route
        self.access = access
        self.good = good
        self.refused = refused
        self.leadsTo = leadsTo
        self.prepare = prepare
    }

    /// A route whose address is always the same.
    init(
        _ route: String,
        _ access: Access,
        _ good: Set<Int>,
        refused: Set<Int> = [403, 404],
        leadsTo: String? = nil,
        _ fields: [(String, String)] = []
    ) {
        let target = "/fr" + route.split(separator: " ")[1].replacing("/fr", with: "")
        self.init(route, access, good, refused: refused, leadsTo: leadsTo) { _, _ in (target, fields) }
    }

    var method: HTTPRequest.Method { self.route.hasPrefix("POST") ? .post : .get }
    func allows(_ role: Role) -> Bool {
        switch self.access {
        case .everybody, .signedIn: true
        case .only(let roles): roles.contains(role)
        }
    }
}

enum DeskRows {
    static let workers: Set<Role> = [.intake, .analyst, .senior]

    /// An act on a fresh case of the desk.
    private static func act(
        _ name: String,
        _ roles: Set<Role> = Self.workers,
        _ fields: @escaping @Sendable (Cast, Report.ID) async throws -> [(String, String)]
    ) -> Row {
        Row("POST /fr/dossiers/{id}/\(name)", .only(roles), [303]) { cast, _ in
            let id = try await cast.house.report().report.id
            let version = try await cast.house.version(id)
            return ("/fr/dossiers/\(id)/\(name)", [("version", "\(version)")] + (try await fields(cast, id)))
        }
    }

    private static func child(
        _ method: String,
        _ name: String,
        _ good: Set<Int>,
        isHanded: Bool = false,
        _ fields: [(String, String)] = []
    ) -> Row {
        Row("\(method) /fr/enfants/{id}\(name)", .only([.childProtection]), good) { cast, _ in
            let id = try await cast.house.report("child-abuse").report.id
            if isHanded {
                let session = try await cast.house.session(try #require(cast.people[.childProtection]))
                try await cast.house.house.casework.recordHandover(
                    id,
                    version: 1,
                    reference: "P",
                    for: DeskAccess(
                        principal: session.principal,
                        unitKeys: try await cast.house.house.identity.unitKeys(session)
                    )
                )
            }
            let version = try await cast.house.version(id)
            return ("/fr/enfants/\(id)\(name)", method == "GET" ? [] : [("version", "\(version)")] + fields)
        }
    }

    private static func person(
        _ method: String,
        _ name: String,
        _ roles: Set<Role>,
        _ good: Set<Int>,
        waits: Bool = false,
        _ fields: [(String, String)] = []
    ) -> Row {
        Row("\(method) /fr/equipe/{id}\(name)", .only(roles), good) { cast, _ in
            let id = waits ? try await cast.newcomer().id : try await cast.somebody().id
            return ("/fr/equipe/\(id)\(name)", fields)
        }
    }

    static let all: [Row] = [
        Row("GET /", .everybody, [303]) { _, _ in ("/", []) },
        Row("GET /assets/{name}", .everybody, [404]) { _, _ in ("/assets/none.css", []) },
        Row("GET /fr", .everybody, [303]) { _, _ in ("/fr/", []) },
        Row("GET /fr/connexion", .everybody, [200]),
        Row("POST /fr/connexion", .everybody, [422], [("email", "x@y.example"), ("password", "x"), ("code", "1")]),
        Row("GET /fr/invitation", .everybody, [404]),
        Row("POST /fr/invitation", .everybody, [404], [("name", "x"), ("password", "x"), ("code", "1")]),
        Row("GET /fr/recuperation", .everybody, [200]),
        Row(
            "POST /fr/recuperation",
            .everybody,
            [422],
            [("email", "x@y.example"), ("key", "x"), ("code", "1"), ("password", "x")]
        ),

        Row("GET /fr/dossiers", .only([.intake, .analyst, .senior, .legal, .childProtection]), [200], refused: [303]),
        Row("GET /fr/dossiers/export", .only([.intake, .analyst, .senior, .legal, .childProtection]), [200]),
        Row("POST /fr/dossiers/lot", .only([.intake, .analyst, .senior, .childProtection]), [303]) { cast, _ in
            ("/fr/dossiers/lot", [("case", "\(try await cast.house.report().report.id):1"), ("sure", "yes")])
        },
        Row("GET /fr/dossiers/{id}", .only([.intake, .analyst, .senior, .legal]), [200]) { cast, _ in
            ("/fr/dossiers/\(try await cast.house.report().report.id)", [])
        },
        Row("GET /fr/dossiers/{id}/fichiers/{file}", .signedIn, [403, 404]) { cast, _ in
            ("/fr/dossiers/\(try await cast.house.report().report.id)/fichiers/\(Report.ID.random())", [])
        },
        Self.act("prendre") { _, _ in [] },
        Self.act("liberer") { _, _ in [] },
        Self.act("classer") { _, _ in [("category", "scam"), ("urgency", "2")] },
        Self.act("repondre") { _, _ in [("text", "Bonjour")] },
        Self.act("note") { _, _ in [("text", "Entre nous")] },
        Self.act("etat") { _, _ in [("event", "close.handled")] },
        Self.act("conservation", [.senior]) { _, _ in [("authority", "Parquet"), ("reason", "Enquête 12/2026")] },
        Self.act("element") { cast, id in
            let item = try await cast.house.house.environment.database.read {
                try $0.value(String.self, "SELECT id FROM report_item WHERE report_id = \(id)")
            }
            return [("item", item ?? ""), ("state", "assessed"), ("grade", "phishing")]
        },

        Self.child("GET", "", [200]),
        Self.child("POST", "/reveler", [200]),
        Self.child("POST", "/remise", [303], [("reference", "P-1")]),
        Self.child("POST", "/accuse", [303], isHanded: true, [("acknowledgement", "A-1"), ("sure", "yes")]),
        Row("GET /fr/voie-enfants", .only([.administrator, .childProtection]), [200]),
        Row(
            "POST /fr/voie-enfants",
            .only([.administrator]),
            [303],
            [("partner", "Partner"), ("address", "https://p.example/"), ("agreement", "1"), ("day", "2026-11-01")]
        ),
        Row("POST /fr/voie-enfants/essai", .only([.childProtection]), [303], [("reference", "T-2")]),
        // Closed and opened again for the rows that follow.
        Row("POST /fr/voie-enfants/fin", .only([.administrator]), [303]) { cast, _ in
            try await cast.house.openChildChannel(cast.team)
            return ("/fr/voie-enfants/fin", [("sure", "yes")])
        },

        Row("GET /fr/equipe", .signedIn, [200]),
        Row("POST /fr/equipe", .only([.senior, .administrator]), [200]) { _, _ in
            (
                "/fr/equipe",
                [("email", "n\(UInt32.random(in: 0...UInt32.max))@y.example"), ("name", "Nom"), ("roles", "analyst")]
            )
        },
        Self.person("GET", "", [.senior, .administrator], [200]),
        Self.person("POST", "/cles", [.senior], [303], waits: true),
        Self.person("POST", "/roles", [.senior, .administrator], [303], [("roles", "analyst"), ("roles", "legal")]),
        Self.person("POST", "/fin", [.administrator], [303], [("sure", "yes")]),
        Self.person("POST", "/lien", [.administrator], [200], [("sure", "yes")]),
        Row("POST /fr/demandes/{id}", .only([.senior, .administrator]), [303]) { cast, _ in
            ("/fr/demandes/\(try await cast.openRequest())", [("decision", "approved")])
        },
        Row("GET /fr/journal", .only([.auditor]), [200]),
        Row("GET /fr/garde", .only([.intake, .analyst, .senior, .legal, .childProtection]), [200]),
        Row("GET /fr/avis", .only([.intake, .analyst, .senior, .legal, .childProtection]), [200]),
        Row("POST /fr/avis", .only([.intake, .analyst, .senior, .legal, .childProtection]), [303], [("level", "all")]),

        Row("GET /fr/compte", .signedIn, [200]),
        Row(
            "POST /fr/compte/phrase",
            .signedIn,
            [422],
            [("current", "wrong"), ("new", "tamarin-voilier-orage-autre")]
        ),
        Row("POST /fr/compte/sessions", .signedIn, [303]),
        Row("POST /fr/compte/sessions/{id}", .signedIn, [404]) { _, _ in ("/fr/compte/sessions/0000000000000000", []) },
        Row("POST /fr/compte/secours", .signedIn, [200], [("sure", "yes")]),
        Row("GET /fr/compte/facteur", .signedIn, [200]),
        Row("POST /fr/compte/facteur", .signedIn, [422], [("code", "x"), ("retour", "compte")]),
        Row("GET /fr/compte/authentificateur", .signedIn, [200]),
        Row("POST /fr/compte/authentificateur", .signedIn, [422]) { _, visitor in
            let page = try await visitor.get("/fr/compte/authentificateur")
            return (
                "/fr/compte/authentificateur",
                [("secret", try page.form("/authentificateur")["secret"] ?? ""), ("code", "x")]
            )
        },
        Row("POST /fr/deconnexion", .signedIn, [303], leadsTo: "/fr/connexion"),
    ]
}

/// Routes as `METHOD /path/{capture}`, those of all languages but French left out when they are the same.
func routes(of router: Router<AppRequestContext>) -> Set<String> {
    var byLanguage: [String: Set<String>] = [:]
    for route in router.routes {
        let path = route.path.components.map(\.description)
        // The API has its own table, in APITests.
        if path.first == "api" { continue }
        let language = Language(rawValue: path.first ?? "")?.rawValue ?? ""
        let rest = language.isEmpty ? path : Array(path.dropFirst())
        let text = "\(route.method.rawValue) /" + ((language.isEmpty ? [] : ["fr"]) + rest).joined(separator: "/")
        byLanguage[language, default: []].insert(text)
    }
    let french = byLanguage["fr"] ?? []
    for (language, routes) in byLanguage where !language.isEmpty {
        #expect(routes == french, "\(language) has other routes than fr: \(routes.symmetricDifference(french))")
    }
    return french.union(byLanguage[""] ?? [])
}

@Suite struct `Routes of the desk` {
    @Test func `every route has a row that says who gets what`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let routes = routes(of: house.house.desk())
            let rows = Set(DeskRows.all.map(\.route))
            #expect(routes.subtracting(rows).sorted() == [], "routes without a row")
            #expect(rows.subtracting(routes).sorted() == [], "rows without a route")
        }
    }

    @Test(arguments: TestEngine.available)
    func `everybody gets what their role may, and nothing else`(engine: TestEngine) async throws {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            for row in DeskRows.all {
                // Who may not comes first.
                for role in Role.allCases.sorted(by: { !row.allows($0) && row.allows($1) }) {
                    let visitor = try await cast.visitor(role)
                    let attempt = try await row.prepare(cast, visitor)
                    let page: Page
                    if row.method == .get {
                        page = try await visitor.get(attempt.target)
                    } else {
                        let token = try await self.token(row, attempt.target, visitor)
                        page = try await visitor.post(attempt.target, [("form", token)] + attempt.fields)
                    }
                    let expected = row.allows(role) ? row.good : row.refused
                    #expect(
                        expected.contains(page.status),
                        "\(role): \(row.route) gives \(page.status)\n\(page.headers[.location] ?? "") \(page.text.suffix(1200).prefix(600))"
                    )
                    let location = page.headers[.location] ?? ""
                    if let leadsTo = row.leadsTo {
                        #expect(location == leadsTo)
                    } else if case .everybody = row.access {
                    } else {
                        #expect(
                            !location.contains("connexion") && !location.contains("facteur"),
                            "\(role): \(row.route) leads to \(location)"
                        )
                    }
                }
            }
        }
    }

    private func token(_ row: Row, _ target: String, _ visitor: Visitor) async throws -> String {
        switch row.route {
        case "POST /fr/connexion", "POST /fr/recuperation": try #require(try await visitor.get(target).token)
        case "POST /fr/invitation": ""
        default: try #require(try await visitor.get("/fr/compte").token)
        }
    }

    @Test(arguments: TestEngine.available)
    func `who is not signed in, or whose session has ended, is sent to the entrance and changes nothing`(
        engine: TestEngine
    ) async throws {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            let signedIn = try await cast.visitor(.analyst)
            let token = try #require(try await signedIn.get("/fr/compte").token)
            let ended = try await cast.visitor(.analyst)
            let over = try #require(SecretToken(ended.cookies["__Host-desk"] ?? ""))
            try await house.house.identity.signOut(try #require(try await house.house.identity.resume(over)))
            for row in DeskRows.all {
                if case .everybody = row.access { continue }
                let attempt = try await row.prepare(cast, try await cast.visitor(.senior))
                let before = try await house.count("audit_entry")
                for visitor in [house.colleague(), ended] {
                    let page =
                        row.method == .get
                        ? try await visitor.get(attempt.target)
                        : try await visitor.post(attempt.target, [("form", token)] + attempt.fields)
                    if page.status == 401 {
                        // What was typed is given back.
                        #expect(page.text.contains("Bonjour") || page.text.contains("Entre nous"), "\(row.route)")
                    } else {
                        #expect(
                            page.status == 303 && page.headers[.location] == "/fr/connexion",
                            "\(row.route) gives \(page.status)"
                        )
                    }
                }
                #expect(try await house.count("audit_entry") == before, "\(row.route)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a form of another session, of no session, or from another site changes nothing`(engine: TestEngine)
        async throws
    {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            let foreign = try #require(try await cast.visitor(.auditor).get("/fr/compte").token)
            for row in DeskRows.all where row.method == .post {
                guard case .only(let roles) = row.access,
                    let role = roles.sorted(by: { $0.rawValue < $1.rawValue }).first
                else { continue }
                let visitor = try await cast.visitor(role)
                let attempt = try await row.prepare(cast, visitor)
                let own = try #require(try await visitor.get("/fr/compte").token)
                let before = try await house.count("audit_entry")
                for token in ["", "x", foreign, String(own.dropLast()) + (own.hasSuffix("A") ? "B" : "A")] {
                    #expect(
                        try await visitor.post(attempt.target, [("form", token)] + attempt.fields).status == 403,
                        "\(row.route)"
                    )
                }
                #expect(try await visitor.post(attempt.target, attempt.fields).status == 403, "\(row.route)")
                for site in ["cross-site", "same-site", "none"] {
                    visitor.site = site
                    #expect(
                        try await visitor.post(attempt.target, [("form", own)] + attempt.fields).status == 403,
                        "\(row.route) \(site)"
                    )
                }
                // Staff's browsers must say where a form comes from.
                visitor.site = nil
                visitor.sendsOrigin = false
                #expect(
                    try await visitor.post(attempt.target, [("form", own)] + attempt.fields).status == 403,
                    "\(row.route)"
                )
                var headers = HTTPFields()
                headers[.origin] = "https://evil.example"
                #expect(
                    try await visitor.post(
                        attempt.target,
                        body: Visitor.encoded([("form", own)] + attempt.fields),
                        headers: headers
                    ).status == 403
                )
                #expect(try await house.count("audit_entry") == before, "\(row.route)")
            }
        }
    }
}

@Suite struct `Routes of the portal` {
    /// What anybody gets without anything.
    static let rows: [String: (target: String, status: Int)] = [
        "GET /": ("/", 303), "GET /verify": ("/verify", 303), "GET /quitter": ("/quitter", 303),
        "GET /assets/{name}": ("/assets/none.css", 404), "GET /robots.txt": ("/robots.txt", 200),
        "GET /sitemap.xml": ("/sitemap.xml", 200), "GET /.well-known/security.txt": ("/.well-known/security.txt", 404),
        "GET /fr": ("/fr/", 200), "GET /fr/flux.xml": ("/fr/flux.xml", 200),
        "GET /fr/aide": ("/fr/aide", 200), "POST /fr/aide": ("/fr/aide", 403),
        "GET /fr/signaler": ("/fr/signaler", 200), "POST /fr/signaler": ("/fr/signaler?f=1", 403),
        "GET /fr/suivi": ("/fr/suivi", 200), "POST /fr/suivi": ("/fr/suivi", 403),
        "GET /fr/suivi/dossier": ("/fr/suivi/dossier", 303), "POST /fr/suivi/message": ("/fr/suivi/message", 303),
        "POST /fr/suivi/adresse": ("/fr/suivi/adresse", 303), "POST /fr/suivi/fichier": ("/fr/suivi/fichier", 303),
        "POST /fr/suivi/identite": ("/fr/suivi/identite", 303), "POST /fr/suivi/retrait": ("/fr/suivi/retrait", 303),
        "POST /fr/suivi/avis": ("/fr/suivi/avis", 303), "POST /fr/suivi/avis/fin": ("/fr/suivi/avis/fin", 303),
        "GET /fr/suivi/avis/quitter": ("/fr/suivi/avis/quitter?t=x", 404),
        "POST /fr/suivi/avis/quitter": ("/fr/suivi/avis/quitter?t=x", 404),
        "POST /fr/suivi/sortie": ("/fr/suivi/sortie", 303), "GET /fr/guides": ("/fr/guides", 200),
        "GET /fr/guides/{slug}": ("/fr/guides/passwords", 200),
        "GET /fr/actualites/{slug}": ("/fr/actualites/none", 404),
        "GET /fr/contacts": ("/fr/contacts", 200), "GET /fr/a-propos": ("/fr/a-propos", 200),
        "GET /fr/vie-privee": ("/fr/vie-privee", 200), "GET /fr/accessibilite": ("/fr/accessibilite", 200),
        "GET /fr/verify": ("/fr/verify", 200), "POST /fr/verify": ("/fr/verify", 403),
    ]

    @Test(arguments: TestEngine.available)
    func `every route has a row, and gives what the row says to anybody and to staff alike`(engine: TestEngine)
        async throws
    {
        try await TestHouse.with(engine) { house async throws in
            let cast = try await Cast(house)
            let routes = routes(of: house.house.portal())
            #expect(routes.subtracting(Self.rows.keys).sorted() == [], "routes without a row")
            #expect(Set(Self.rows.keys).subtracting(routes).sorted() == [], "rows without a route")
            let staff = house.visitor()
            staff.set(cookie: "__Host-desk", try await house.token(try #require(cast.people[.analyst])).text)
            for (route, row) in Self.rows.sorted(by: { $0.key < $1.key }) {
                for visitor in [house.visitor(), staff] {
                    let page =
                        route.hasPrefix("POST")
                        ? try await visitor.post(row.target, []) : try await visitor.get(row.target)
                    #expect(page.status == row.status, "\(route) gives \(page.status)")
                }
            }
        }
    }

    @Test func `the desk is not on the portal, nor the portal on the desk`() async throws {
        try await TestHouse.with(.sqlite) { house async throws in
            let portal = routes(of: house.house.portal())
            let desk = routes(of: house.house.desk())
            #expect(portal.intersection(desk) == ["GET /", "GET /fr", "GET /assets/{name}"])
        }
    }

    @Test func `a real installation has no way in for visitors`() async throws {
        try await TestHouse.with(.sqlite, isDemo: false) { house async throws in
            #expect(try await house.visitor().get("/fr/visite").status == 404)
            #expect(try await house.colleague().get("/fr/visite").status == 404)
            #expect(try await house.colleague().post("/fr/visite", [("role", "senior")]).status == 404)
        }
        try await TestHouse.with(.sqlite, isDemo: true) { house async throws in
            #expect(try await house.visitor().get("/fr/visite").status == 200)
            #expect(try await house.colleague().get("/fr/visite").status == 200)
            #expect(try await house.colleague().post("/fr/visite", [("role", "senior")]).status == 403)
        }
    }
}
