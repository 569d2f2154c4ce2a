import Casework
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import Storage
import StorageTesting
import Vault

/// The rooms of the main path on one database, with a clock of the test's own and cheap derivations.
package struct Rooms: Sendable {
    package static let schemas = [
        AuditLog.schema, Counters.schema, Identity.schema, Intake.schema, Casework.schema,
    ]
    package static let cheap = Argon2Cost(memoryKiB: 8, passes: 1)

    package static let plan = NumberingPlan(countryCode: "212", trunk: "0", nationalLength: 9)

    /// As `App` gives them out.
    package static let permissions: [Role: Set<Permission>] = [
        .intake: [.readCases, .workCases], .analyst: [.readCases, .workCases],
        .senior: [.readCases, .workCases, .grantKeys], .childProtection: [.readChildCases, .workCases],
        .legal: [.readCases], .statistician: [.readStatistics], .auditor: [.readAudit],
        .administrator: [.manageStaff, .manageChildChannel],
    ]

    package let database: Database
    package let clock: TestClock
    package let master: MasterKey
    package let audit: AuditLog
    package let identity: Identity
    package let intake: Intake
    package let casework: Casework

    package init(
        _ database: Database,
        clock: TestClock = TestClock(),
        master: MasterKey = .random(),
        isDemonstration: Bool = false
    ) async throws {
        let audit = AuditLog { fields, previous in AuditHash.chain(previous: previous, leaf: AuditHash.leaf(fields)) }
        let derivation = KeyDerivation(
            masterKey: master,
            systemSalt: Data(repeating: 7, count: 16),
            receiptCost: Self.cheap,
            staffCost: Self.cheap
        )
        self.database = database
        self.clock = clock
        self.master = master
        self.audit = audit
        self.identity = try Identity(
            database: database,
            audit: audit,
            master: master,
            derivation: derivation,
            permissions: Self.permissions,
            clock: clock.clock,
            isDemonstration: isDemonstration
        )
        self.intake = Intake(
            database: database,
            keys: IntakeKeys(master: master, derivation: derivation),
            questionnaires: try await Forms.questionnaires(),
            normaliser: Normaliser(plan: Self.plan),
            clock: clock.clock,
            unitBox: Identity.unitBox,
            childChannelOpen: Casework.isChildChannelOpen,
            onReceived: { tx, report, danger in try Casework.received(tx, report, imminentDanger: danger) },
            onAdded: { tx, report, act in try Casework.added(tx, report, act, audit: audit, today: clock.clock.today())
            }
        )
        self.casework = Casework(
            database: database,
            intake: self.intake,
            audit: audit,
            clock: clock.clock,
            unitBox: Identity.unitBox
        )
        try await self.intake.archiveQuestionnaires()
    }

    /// A migrated database of this engine with the rooms on it.
    package static func with(_ engine: TestEngine, _ body: (Rooms) async throws -> Void) async throws {
        try await engine.withDatabase(Self.schemas) { database in try await body(try await Rooms(database)) }
    }
}

/// A member of staff as the test knows them: all that the person knows.
package struct Person: Sendable {
    package let id: Identifier<Principal>
    package let email: String
    package let password: String
    package let secret: Data
    package let enrolment: Enrolment

    package init(
        id: Identifier<Principal>,
        email: String,
        password: String,
        secret: Data,
        enrolment: Enrolment
    ) {
        self.id = id
        self.email = email
        self.password = password
        self.secret = secret
        self.enrolment = enrolment
    }
}

extension Rooms {
    package static let password = "tamarin-voilier-orage-quartz"

    package func firstStart() async throws -> FirstLinks? {
        try await self.identity.firstStart(
            administrator: EmailAddress("admin@desk.example")!,
            keyHolder: EmailAddress("keys@desk.example")!
        )
    }

    /// The code an authenticator shows now.
    package func code(_ secret: Data, stepsAhead: Int = 0) -> String {
        let counter = UInt64(self.clock.now.timeIntervalSince1970) / 30
        return TOTP.code(secret: secret, counter: UInt64(Int(counter) + stepsAhead))
    }

    package func accept(
        _ link: SecretToken,
        name: String? = "Somebody",
        password: String? = Rooms.password
    ) async throws -> Person {
        guard let staff = try await self.identity.invited(link) else { throw DomainError.notFound }
        let secret = TOTP.newSecret()
        let enrolment = try await self.identity.accept(
            link,
            name: name,
            password: password,
            secret: secret,
            code: self.code(secret)
        )
        return Person(
            id: staff.id,
            email: staff.email,
            password: password ?? "",
            secret: secret,
            enrolment: enrolment
        )
    }

    /// Waits for the authenticator's next code first.
    package func signIn(_ person: Person, network: String = "home") async throws -> StaffSession {
        let token = try await self.token(person, network: network)
        guard let session = try await self.identity.resume(token) else { throw DomainError.notFound }
        return session
    }

    package func token(_ person: Person, network: String = "home") async throws -> SecretToken {
        self.clock.advance(30)
        return try await self.identity.signIn(
            email: person.email,
            password: person.password,
            code: self.code(person.secret),
            network: network
        )
    }

    package struct Desk: Sendable {
        package let administrator: Person
        package let keyHolder: Person
        package let session: StaffSession
    }

    /// First start, both links accepted: intake is open.
    package func openDesk() async throws -> Desk {
        guard let links = try await self.firstStart() else { throw DomainError.conflict("started before") }
        let administrator = try await self.accept(links.administrator)
        let keyHolder = try await self.accept(links.keyHolder)
        return Desk(
            administrator: administrator,
            keyHolder: keyHolder,
            session: try await self.signIn(keyHolder)
        )
    }

    /// Somebody with these roles, invited by the key-holder.
    package func staff(_ roles: [Role], _ email: String, of desk: Desk) async throws -> Person {
        try await self.accept(
            try await self.identity.invite(
                email: email,
                name: "Somebody",
                roles: roles.map(\.rawValue),
                by: desk.session
            )
        )
    }

    package func access(_ session: StaffSession) async throws -> DeskAccess {
        DeskAccess(principal: session.principal, unitKeys: try await self.identity.unitKeys(session))
    }

    /// An analyst at work.
    package func analyst(_ email: String = "analyst@desk.example", of desk: Desk) async throws -> DeskAccess {
        try await self.access(try await self.signIn(try await self.staff([.analyst], email, of: desk)))
    }
}

extension Rooms {
    package func submission(_ kind: String = "story", _ raw: RawSubmission) throws -> Submission {
        guard let version = self.intake.questionnaires[kind] else { throw DomainError.notFound }
        return try Submission(
            version.questionnaire,
            raw,
            normaliser: self.intake.normaliser,
            today: self.clock.clock.today()
        )
    }

    /// Reports something, as one form would.
    @discardableResult
    package func report(
        _ story: String = "They asked for my card.",
        kind: String = "story",
        items: [Indicator.Kind: [String]] = [:],
        formToken: String = UUID().uuidString
    ) async throws -> Acceptance {
        try await self.intake.submit(
            try self.submission(kind, RawSubmission(fields: ["story": [story]], items: items)),
            formToken: formToken,
            language: .french
        )
    }

    /// The report as its reporter reads it.
    package func opened(by code: ReceiptCode) async throws -> OpenedReport {
        guard let token = try await self.intake.visit(code), let visit = try await self.intake.resume(token) else {
            throw DomainError.notFound
        }
        return try await self.intake.open(visit)
    }

    package func visit(_ code: ReceiptCode) async throws -> ReporterVisit {
        guard let token = try await self.intake.visit(code), let visit = try await self.intake.resume(token) else {
            throw DomainError.notFound
        }
        return visit
    }
}
