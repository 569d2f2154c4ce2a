import App
import Casework
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import Storage
import StorageTesting
import Synchronization
import Vault

/// Time that passes only when a test says so; lines that were told.
final class Told: Sendable {
    private let lines = Mutex<[String]>([])
    var all: [String] { self.lines.withLock { $0 } }
    func tell(_ line: String) { self.lines.withLock { $0.append(line) } }
}

final class HandClock: Sendable {
    private let time = Mutex(Date(timeIntervalSince1970: 1_795_597_200))
    var clock: Clock { Clock { self.time.withLock { $0 } } }
    func pass(days: Int) { self.time.withLock { $0 += Double(days) * 86400 } }
}

/// An installation as the operator has it: a data folder, a master key beside it, a desk that can close cases.
struct OperatorInstallation: Sendable {
    static let word = "CANARY-7f3a91"
    static let cheap = Argon2Cost(memoryKiB: 8, passes: 1)

    let folder: String
    var data: String { "\(self.folder)/data" }
    let database: Database
    let master: MasterKey
    let clock: HandClock
    let intake: Intake
    let casework: Casework
    let senior: DeskAccess
    private let questionnaire: Questionnaire

    /// Opens what is there, or makes it.
    init(_ database: Database, folder: String, master: MasterKey, clock: HandClock = HandClock()) async throws {
        try FileManager.default.createDirectory(atPath: "\(folder)/data", withIntermediateDirectories: true)
        try await database.migrate(Schemas.all)
        self.folder = folder
        self.database = database
        self.master = master
        self.clock = clock
        let derivation = KeyDerivation(
            masterKey: master,
            systemSalt: Data(repeating: 9, count: 16),
            receiptCost: Self.cheap,
            staffCost: Self.cheap
        )
        let identity = try Identity(
            database: database,
            audit: .chained,
            master: master,
            derivation: derivation,
            permissions: [.senior: [.readCases, .workCases, .grantKeys, .holdCases], .administrator: [.manageStaff]],
            clock: clock.clock,
            isDemonstration: true
        )
        let resources = URL(filePath: "\(folder)/resources")
        try FileManager.default.createDirectory(
            at: resources.appending(path: "questionnaires"),
            withIntermediateDirectories: true
        )
        func words(_ word: String) -> String { "{fr: \(word), ar: \(word), en: \(word), zgh: \(word)}" }
        let form = """
            id: story
            category: scam
            title: \(words("Title"))
            lead: \(words("Lead"))
            files: false
            identity: [anonymous]
            items: [url]
            fields:
              - {id: story, kind: long, label: \(words("Story")), required: true, max: 4000}
            """
        try Data(form.utf8).write(to: resources.appending(path: "questionnaires/story.yaml"))
        let questionnaires = try Questionnaires.load(resources: resources)
        self.questionnaire = questionnaires.all[0].questionnaire
        self.intake = Intake(
            database: database,
            keys: IntakeKeys(master: master, derivation: derivation),
            questionnaires: questionnaires,
            normaliser: Normaliser(plan: NumberingPlan(countryCode: "212", trunk: "0", nationalLength: 9)),
            clock: clock.clock,
            unitBox: Identity.unitBox,
            onReceived: { tx, report, danger in try Casework.received(tx, report, imminentDanger: danger) },
            onAdded: { tx, report, act in
                try Casework.added(tx, report, act, audit: .chained, today: clock.clock.today())
            },
            indexVersion: { tx in try KeyVersions.current(tx, .blindIndex) }
        )
        self.casework = Casework(
            database: database,
            intake: self.intake,
            audit: .chained,
            clock: clock.clock,
            unitBox: Identity.unitBox
        )
        try await self.intake.archiveQuestionnaires()
        let links = try await identity.firstStart(
            administrator: EmailAddress("admin@desk.example")!,
            keyHolder: EmailAddress("keys@desk.example")!
        )
        let password = "tamarin-voilier-orage-quartz"
        if let links {
            let secret = TOTP.newSecret()
            let counter = UInt64(clock.clock.now().timeIntervalSince1970) / 30
            _ = try await identity.accept(
                links.keyHolder,
                name: "Senior",
                password: password,
                secret: secret,
                code: TOTP.code(secret: secret, counter: counter)
            )
        }
        let token = try await identity.signInToDemonstration(email: "keys@desk.example", password: password)
        let session = try await identity.resume(token)!
        self.senior = DeskAccess(principal: session.principal, unitKeys: try await identity.unitKeys(session))
    }

    static func with(_ engine: TestEngine = .sqlite, _ body: (OperatorInstallation) async throws -> Void) async throws {
        try await TestEngine.withFolder { folder in
            if engine == .sqlite {
                try FileManager.default.createDirectory(
                    atPath: "\(folder)/data",
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
                let database = try await Database.open(
                    .sqlite("\(folder)/data/cyberconfiance.sqlite", durability: .normal)
                )
                try await body(try await OperatorInstallation(database, folder: folder, master: .random()))
                try await database.close()
            } else {
                try await engine.withDatabase { database in
                    try await body(try await OperatorInstallation(database, folder: folder, master: .random()))
                }
            }
        }
    }

    func actions(backupKey: PublicBox? = nil, days: Int = 90) throws -> OperatorActions {
        try OperatorActions(
            database: self.database,
            masterKey: self.master,
            dataFolder: self.data,
            backupKey: backupKey,
            retentionDays: days,
            clock: self.clock.clock
        )
    }

    @discardableResult
    func perform(_ command: AdminCommand, backupKey: PublicBox? = nil, days: Int = 90) async throws -> String {
        try await self.actions(backupKey: backupKey, days: days).perform(command) { _ in }
    }

    @discardableResult
    func report(_ text: String, url: String = "https://faux-colis.example/suivi") async throws -> Acceptance {
        let submission = try Submission(
            self.questionnaire,
            RawSubmission(fields: ["story": [text]], items: [.url: [url]], identity: "anonymous"),
            normaliser: self.intake.normaliser,
            today: self.clock.clock.today()
        )
        return try await self.intake.submit(submission, formToken: SecretToken.random().text, language: .french)
    }

    func close(_ report: Report.ID, category: String = "scam") async throws {
        try await self.casework.triage(report, version: 1, category: category, urgency: .normal, for: self.senior)
        let version = try await self.version(report)
        try await self.casework.move(report, version: version, .close(.handled), for: self.senior)
    }

    func version(_ report: Report.ID) async throws -> Int {
        try await self.casework.open(report, for: self.senior).file.version
    }

    /// What somebody reads who comes back with this code; `nil` if it opens nothing.
    func story(_ code: ReceiptCode) async throws -> String? {
        guard let token = try await self.intake.visit(code), let visit = try await self.intake.resume(token) else {
            return nil
        }
        for entry in try await self.intake.open(visit).entries {
            if case .answers(let answers) = entry.body { return answers.answers["story"]?.first }
        }
        return nil
    }

    /// Every file below the folder that has these bytes in it.
    func files(holding bytes: Data, below folder: String) throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return [] }
        var found: [String] = []
        while let name = walk.nextObject() as? String {
            guard let content = FileManager.default.contents(atPath: "\(folder)/\(name)") else { continue }
            if content.range(of: bytes) != nil { found.append(name) }
        }
        return found
    }
}
