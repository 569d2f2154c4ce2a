import App
import Casework
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import Logging
import Mail
import Notifications
import Storage
import StorageTesting
import Synchronization
import Testing
import Vault

let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Stands in everything that no mail may hold.
let canary = "CANARY-\(UUID().uuidString.prefix(8))"

/// A clock that stands still until it is moved.
final class Hand: Sendable {
    private let time = Mutex(Day(rawValue: "2026-11-25")!.start + 40_000)
    func move(_ seconds: TimeInterval) { self.time.withLock { $0 += seconds } }
    var clock: Clock { Clock { self.time.withLock(\.self) } }
    var now: Date { self.time.withLock(\.self) }
}

/// The whole house on one database, with a desk that is open.
struct Stage: Sendable {
    static let resources = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Resources", directoryHint: .isDirectory)
    private static let library = Task { try await Library(country: "ma", resources: Self.resources) }
    private static let password = "tamarin-voilier-orage-quartz"

    let house: House
    let hand: Hand
    let recorder: MailRecorder
    let worker: JobWorker
    let keyHolder: StaffSession
    let administrator: StaffSession

    static func with(_ engine: TestEngine, _ body: (Stage) async throws -> Void) async throws {
        try await engine.withDatabase(Schemas.all) { try await body(try await Stage($0)) }
    }

    init(_ database: Database) async throws {
        let hand = Hand()
        let recorder = MailRecorder()
        let master = MasterKey.random()
        let cheap = Argon2Cost(memoryKiB: 8, passes: 1)
        var environment = AppEnvironment(
            database: database,
            masterKey: master,
            derivation: KeyDerivation(
                masterKey: master,
                systemSalt: Data(repeating: 7, count: 16),
                receiptCost: cheap,
                staffCost: cheap
            ),
            clock: hand.clock,
            logger: silent,
            isDemo: false
        )
        environment.mailer = recorder
        let config = House.Configuration(
            publicOrigin: "https://portal.example",
            deskOrigin: "https://desk.example",
            publicHosts: ["localhost"],
            deskHosts: ["localhost"],
            isProduction: true
        )
        let house = try House(environment, config, try await Self.library.value)
        try await house.intake.archiveQuestionnaires()
        let links = try #require(
            try await house.identity.firstStart(
                administrator: EmailAddress("admin@desk.example")!,
                keyHolder: EmailAddress("keys@desk.example")!
            )
        )
        self.house = house
        self.hand = hand
        self.recorder = recorder
        self.worker = house.mailWorker(logger: silent)
        self.keyHolder = try await Self.accept(links.keyHolder, "keys@desk.example", house, hand).session
        self.administrator = try await Self.accept(links.administrator, "admin@desk.example", house, hand).session
    }

    private static func accept(
        _ link: SecretToken,
        _ email: String,
        _ house: House,
        _ hand: Hand
    ) async throws -> (session: StaffSession, cookie: String) {
        let secret = TOTP.newSecret()
        func code() -> String { TOTP.code(secret: secret, counter: UInt64(hand.now.timeIntervalSince1970) / 30) }
        _ = try await house.identity.accept(
            link,
            name: "Somebody",
            password: Self.password,
            secret: secret,
            code: code()
        )
        hand.move(30)
        let token = try await house.identity.signIn(
            email: email,
            password: Self.password,
            code: code(),
            network: "home"
        )
        return (try #require(try await house.identity.resume(token)), "__Host-desk=\(token.text)")
    }

    /// Somebody invited by the key-holder, at work.
    func staff(_ roles: [Role], _ email: String) async throws -> StaffSession {
        try await self.signedIn(roles, email).session
    }

    /// With the cookie that a browser would have.
    func signedIn(_ roles: [Role], _ email: String) async throws -> (session: StaffSession, cookie: String) {
        let link = try await self.house.identity.invite(
            email: email,
            name: "Somebody",
            roles: roles.map(\.rawValue),
            by: self.keyHolder
        )
        return try await Self.accept(link, email, self.house, self.hand)
    }

    func access(_ session: StaffSession) async throws -> DeskAccess {
        DeskAccess(principal: session.principal, unitKeys: try await self.house.identity.unitKeys(session))
    }

    func report(urgent: Bool = false) async throws -> Acceptance {
        let kind = try #require(
            self.house.library.questionnaires.all.map(\.questionnaire).first {
                $0.unit == .desk && $0.imminentDanger == urgent && $0.fields.contains { $0.kind == .long }
            }
        )
        var fields: [String: [String]] = [:]
        for field in kind.fields where field.required || field.kind == .long {
            switch field.kind {
            case .single, .multiple: fields[field.id] = [field.options[0].id]
            case .text, .long: fields[field.id] = ["Told in confidence \(canary)"]
            case .date: fields[field.id] = ["2026-11-20"]
            case .amount: fields[field.id] = ["100"]
            }
        }
        let submission = try Submission(
            kind,
            RawSubmission(fields: fields),
            normaliser: self.house.intake.normaliser,
            today: self.hand.clock.today()
        )
        return try await self.house.intake.submit(submission, formToken: SecretToken.random().text, language: .french)
    }

    func reply(to report: Report.ID, by session: StaffSession) async throws {
        let access = try await self.access(session)
        let version = try await self.house.casework.open(report, for: access).file.version
        try await self.house.casework.reply(
            "An answer \(canary)",
            on: report,
            version: version,
            asking: false,
            for: access
        )
    }

    /// The reporter comes back and reads.
    func read(_ code: ReceiptCode) async throws {
        let token = try #require(try await self.house.intake.visit(code))
        _ = try await self.house.intake.open(try #require(try await self.house.intake.resume(token)))
    }

    /// What was sent until now, once all jobs that are due are done.
    func sent() async throws -> [Message] {
        while try await self.worker.runNext() {}
        return self.recorder.sent
    }
}

extension Acceptance {
    var subject: Notifications.SubjectID { .init(rawValue: self.report.id.rawValue) }
}
