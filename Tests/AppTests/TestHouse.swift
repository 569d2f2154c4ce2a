import App
import Casework
import Foundation
import Hummingbird
import Identity
import Indicators
import Intake
import Kernel
import Logging
import Mail
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault
import WebSupport

/// The whole house on a database of its own, with a clock of the test's, and people who work in it.
struct TestHouse: Sendable {
    static let publicHost = "signaler.example"
    static let deskHost = "desk.example"

    /// Read once: it is the same for every test.
    static let library = Task { try await Library(country: "ma", resources: Repository.resources) }

    let house: House
    let clock: TestClock
    /// What would have been sent.
    let mails: MailRecorder
    let portal: RouterResponder<AppRequestContext>
    let desk: RouterResponder<AppRequestContext>

    init(_ database: Database, isDemo: Bool = false, isProduction: Bool = false) async throws {
        let clock = TestClock()
        let mails = MailRecorder()
        let master = MasterKey.random()
        var environment = AppEnvironment(
            database: database,
            masterKey: master,
            derivation: KeyDerivation(
                masterKey: master,
                systemSalt: Data(repeating: 7, count: 16),
                receiptCost: Rooms.cheap,
                staffCost: Rooms.cheap
            ),
            clock: clock.clock,
            logger: Visitor.logger,
            isDemo: isDemo
        )
        environment.mailer = mails
        if isDemo { environment.demonstration = { _ in throw DomainError.notFound } }
        var config = House.Configuration(
            publicOrigin: "http://\(Self.publicHost)",
            deskOrigin: "http://\(Self.deskHost)",
            publicHosts: [Self.publicHost],
            deskHosts: [Self.deskHost],
            isProduction: isProduction
        )
        config.reportsPerNetworkHour = 100_000
        config.reportsPerMinute = 100_000
        config.operatorName = isProduction ? "Operator" : nil
        self.house = try House(environment, config, try await Self.library.value)
        self.clock = clock
        self.mails = mails
        try await self.house.intake.archiveQuestionnaires()
        self.portal = self.house.portal().buildResponder()
        self.desk = self.house.desk().buildResponder()
    }

    static func with(
        _ engine: TestEngine,
        isDemo: Bool = false,
        isProduction: Bool = false,
        _ body: (TestHouse) async throws -> Void
    ) async throws {
        try await engine.withDatabase(Schemas.all) { database in
            try await body(try await TestHouse(database, isDemo: isDemo, isProduction: isProduction))
        }
    }

    func visitor() -> Visitor { Visitor(self.portal, host: Self.publicHost) }
    func colleague() -> Visitor { Visitor(self.desk, host: Self.deskHost) }

    func code(_ secret: Data) -> String {
        TOTP.code(secret: secret, counter: UInt64(self.clock.now.timeIntervalSince1970) / 30)
    }

    func accept(_ link: SecretToken) async throws -> Person {
        let staff = try #require(try await self.house.identity.invited(link))
        let secret = TOTP.newSecret()
        let enrolment = try await self.house.identity.accept(
            link,
            name: "Somebody",
            password: Rooms.password,
            secret: secret,
            code: self.code(secret)
        )
        return Person(id: staff.id, email: staff.email, password: Rooms.password, secret: secret, enrolment: enrolment)
    }

    func token(_ person: Person) async throws -> SecretToken {
        self.clock.advance(30)
        return try await self.house.identity.signIn(
            email: person.email,
            password: person.password,
            code: self.code(person.secret),
            network: "tests"
        )
    }

    func session(_ person: Person) async throws -> StaffSession {
        try #require(try await self.house.identity.resume(try await self.token(person)))
    }

    struct Team: Sendable {
        let administrator: Person
        let keyHolder: Person
    }

    /// First start, both links accepted.
    func openDesk() async throws -> Team {
        let links = try #require(
            try await self.house.identity.firstStart(
                administrator: EmailAddress("admin@desk.example")!,
                keyHolder: EmailAddress("keys@desk.example")!
            )
        )
        return Team(
            administrator: try await self.accept(links.administrator),
            keyHolder: try await self.accept(links.keyHolder)
        )
    }

    func staff(_ role: Role, _ team: Team) async throws -> Person {
        let link = try await self.house.identity.invite(
            email: "\(role.rawValue)-\(UInt32.random(in: 0...UInt32.max))@desk.example",
            name: "Somebody",
            roles: [role.rawValue],
            by: try await self.session(team.keyHolder)
        )
        return try await self.accept(link)
    }

    /// A browser that is signed in.
    func colleague(_ person: Person) async throws -> Visitor {
        let visitor = self.colleague()
        visitor.set(cookie: "__Host-desk", try await self.token(person).text)
        return visitor
    }

    /// The child channel, opened as two people open it.
    func openChildChannel(_ team: Team) async throws {
        try await self.house.casework.recordAgreement(
            partner: "Partner",
            address: "https://partner.example/",
            agreement: "2026/1",
            day: "2026-11-01",
            by: try await self.session(team.administrator).principal
        )
        try await self.house.casework.recordTest(reference: "T-1", by: try await self.session(team.keyHolder).principal)
    }

    /// A report of this kind, with something in every field that must have something.
    @discardableResult
    func report(_ kind: String = "other", _ text: String = "Something happened.") async throws -> Acceptance {
        let questionnaire = try #require(self.house.intake.questionnaires[kind]).questionnaire
        var raw = RawSubmission()
        for field in questionnaire.fields {
            switch field.kind {
            case .single, .multiple: if field.required { raw.fields[field.id] = [field.options[0].id] }
            case .text, .long: raw.fields[field.id] = [text]
            case .date, .amount: break
            }
        }
        if questionnaire.items.contains(.url) { raw.items[.url] = ["https://evil.example/a"] }
        return try await self.house.intake.submit(
            try Submission(
                questionnaire,
                raw,
                normaliser: self.house.intake.normaliser,
                today: self.clock.clock.today()
            ),
            formToken: UUID().uuidString,
            language: .french
        )
    }

    func version(_ id: Report.ID) async throws -> Int {
        try #require(
            try await self.house.environment.database.read {
                try $0.value(Int.self, "SELECT version FROM case_file WHERE report_id = \(id)")
            }
        )
    }

    func count(_ table: String) async throws -> Int {
        try await self.house.environment.database.read { try $0.value(Int.self, "SELECT count(*) FROM \(raw: table)") }
            ?? -1
    }
}
