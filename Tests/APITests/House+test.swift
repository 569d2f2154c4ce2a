import API
import App
import Casework
import Country
import Foundation
import Hummingbird
import HummingbirdTesting
import Identity
import Intake
import Kernel
import Logging
import Storage
import StorageTesting
import Synchronization
import Vault
import WebSupport

/// A clock that stands still until a test moves it.
final class TestClock: Sendable {
    private let date = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

    var clock: Clock { Clock { self.date.withLock { $0 } } }
    var now: Date { self.date.withLock { $0 } }
    func advance(_ seconds: TimeInterval) { self.date.withLock { $0 += seconds } }
}

/// Somebody of the desk with what they need to sign in.
struct Person: Sendable {
    let role: Role
    let email: String
    let phrase: String
    let secret: Data
}

/// A whole installation on a test database, with one person for each role.
struct Installed: Sendable {
    let house: House
    let clock: TestClock
    let people: [Role: Person]

    static let resources = URL(
        fileURLWithPath: ProcessInfo.processInfo.environment["RESOURCES"] ?? "Resources",
        isDirectory: true
    )
    /// Read once for all tests.
    static let library = Task { try await Library(country: "ma", resources: Self.resources) }

    static func run(_ engine: TestEngine, _ body: (Installed) async throws -> Void) async throws {
        try await engine.withDatabase(Schemas.all) { database in
            try await body(try await Installed(database))
        }
    }

    private init(_ database: Database) async throws {
        let clock = TestClock()
        let master = MasterKey.random()
        let cheap = Argon2Cost(memoryKiB: 8, passes: 1)
        let environment = AppEnvironment(
            database: database,
            masterKey: master,
            derivation: KeyDerivation(
                masterKey: master,
                systemSalt: KeyDerivation.newSalt(),
                receiptCost: cheap,
                staffCost: cheap
            ),
            clock: clock.clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            isDemo: true
        )
        let house = try House(
            environment,
            House.Configuration(
                publicOrigin: "https://portal.example",
                deskOrigin: "https://desk.example",
                publicHosts: ["localhost"],
                deskHosts: ["localhost"],
                isProduction: false
            ),
            try await Self.library.value
        )
        try await house.intake.archiveQuestionnaires()
        guard let administrator = EmailAddress("admin@test.example"), let keys = EmailAddress("keys@test.example"),
            let links = try await house.identity.firstStart(administrator: administrator, keyHolder: keys)
        else { throw DomainError.notFound }
        var people: [Role: Person] = [:]
        let holder = try await Self.accept(links.keyHolder, .senior, house, clock)
        people[.senior] = holder
        people[.administrator] = try await Self.accept(links.administrator, .administrator, house, clock)
        let token = try await house.identity.signInToDemonstration(email: holder.email, password: holder.phrase)
        guard let session = try await house.identity.resume(token) else { throw DomainError.notFound }
        for role in Role.allCases where people[role] == nil {
            let link = try await house.identity.invite(
                email: "\(role.rawValue)@test.example",
                name: "Test \(role.rawValue)",
                roles: [role.rawValue],
                by: session
            )
            people[role] = try await Self.accept(link, role, house, clock)
        }
        self.house = house
        self.clock = clock
        self.people = people
    }

    private static func accept(
        _ link: SecretToken,
        _ role: Role,
        _ house: House,
        _ clock: TestClock
    ) async throws -> Person {
        guard let invited = try await house.identity.invited(link) else { throw DomainError.notFound }
        let phrase = String(SecretToken.random().text.prefix(30))
        let secret = TOTP.newSecret()
        let counter = UInt64(clock.now.timeIntervalSince1970) / 30
        _ = try await house.identity.accept(
            link,
            name: "Test \(role.rawValue)",
            password: phrase,
            secret: secret,
            code: TOTP.code(secret: secret, counter: counter)
        )
        return Person(role: role, email: invited.email, phrase: phrase, secret: secret)
    }

    func portal(_ body: @escaping @Sendable (Caller) async throws -> Void) async throws {
        try await Application(router: self.house.portal()).test(.router) { try await body(Caller(client: $0)) }
    }

    func desk(_ body: @escaping @Sendable (Caller) async throws -> Void) async throws {
        try await Application(router: self.house.desk()).test(.router) { try await body(Caller(client: $0)) }
    }

    /// A bearer token, by password and second factor through the API.
    func signIn(_ role: Role, _ caller: Caller) async throws -> String {
        guard let person = self.people[role] else { throw DomainError.notFound }
        // A code is taken once.
        self.clock.advance(60)
        let counter = UInt64(self.clock.now.timeIntervalSince1970) / 30
        let answer = try await caller.post(
            "/api/v1/staff/sessions",
            [
                "email": person.email, "password": person.phrase,
                "code": TOTP.code(secret: person.secret, counter: counter),
            ]
        )
        guard answer.status == .created, let token = answer["access_token"] as? String else {
            throw DomainError.forbidden
        }
        return token
    }
}
