import Casework
import Foundation
import Indicators
import Intake
import Kernel
import Storage
import StoragePostgres
import Vault

/// Intake and casework over a database of their own, with an analyst who holds the desk's key: the rooms as the server
/// puts them together, without HTTP.
struct Rooms {
    let database: Database
    let intake: Intake
    let casework: Casework
    let analyst: DeskAccess
    private let questionnaire: Questionnaire
    private let normaliser: Normaliser

    /// - Parameters:
    ///   - location: path of a new SQLite file, or the address of an empty PostgreSQL database.
    ///   - cost: of the step from a code to its keys.
    init(_ location: String, resources: URL, cost: Argon2Cost) async throws {
        let database =
            location.hasPrefix("/")
            ? try await Database.open(.sqlite(location)) : try await Database.postgres(location)
        try await database.migrate([AuditLog.schema, Intake.schema, Casework.schema])
        let master = MasterKey.random()
        let derivation = KeyDerivation(masterKey: master, systemSalt: KeyDerivation.newSalt(), receiptCost: cost)
        let questionnaires = try Questionnaires.load(resources: resources)
        guard let questionnaire = questionnaires["phishing"]?.questionnaire else { throw DomainError.notFound }
        let box = PrivateBox.generate()
        let publicBox = box.publicBox
        let unitBox: Intake.UnitBox = { _, _ in (publicBox, 1) }
        let normaliser = Normaliser(plan: NumberingPlan(countryCode: "212", trunk: "0", nationalLength: 9))
        let audit = AuditLog { fields, previous in AuditHash.chain(previous: previous, leaf: AuditHash.leaf(fields)) }
        let intake = Intake(
            database: database,
            keys: IntakeKeys(master: master, derivation: derivation),
            questionnaires: questionnaires,
            normaliser: normaliser,
            clock: .system,
            unitBox: unitBox,
            onReceived: { tx, report, danger in try Casework.received(tx, report, imminentDanger: danger) },
            onAdded: { tx, report, act in try Casework.added(tx, report, act, audit: audit, today: Clock.system.today())
            }
        )
        try await intake.archiveQuestionnaires()
        self.database = database
        self.intake = intake
        self.casework = Casework(
            database: database,
            intake: intake,
            audit: audit,
            clock: .system,
            unitBox: unitBox
        )
        self.analyst = DeskAccess(
            principal: Principal(id: .random(), name: "Bench", permissions: [.readCases, .workCases]),
            unitKeys: [.desk: box]
        )
        self.questionnaire = questionnaire
        self.normaliser = normaliser
    }

    /// A report of the usual size: four answers, 600 characters of text, an address and a telephone number.
    func submit(_ number: Int, address: String? = nil) async throws -> Acceptance {
        let raw = RawSubmission(
            fields: [
                "channel": ["sms"], "pretends": ["bank"], "given": ["card", "password"],
                "what-happened": [String(repeating: "J’ai reçu un message (fictif). ", count: 20)],
            ],
            items: [
                .url: [address ?? "https://colis-\(number).example/paiement?id=\(number)"],
                .phone: ["+2126\(10_000_000 + number % 90_000_000)"],
            ],
            identity: "anonymous"
        )
        let submission = try Submission(
            self.questionnaire,
            raw,
            normaliser: self.normaliser,
            today: Clock.system.today()
        )
        return try await self.intake.submit(submission, formToken: SecretToken.random().text, language: .french)
    }
}
