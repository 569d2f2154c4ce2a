import Casework
import Documents
import Foundation
import Indicators
import Intake
import Kernel
import Storage
import StorageTesting
import Synchronization
import Vault

/// A desk with a key, the real questionnaires, and a folder for files.
struct World: Sendable {
    let database: Database
    let intake: Intake
    let casework: Casework
    let store: BlobStore
    let folder: String
    let access: DeskAccess
    let audit: AuditLog

    static let resources = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Resources")
        .standardized

    typealias Detect = @Sendable (Data) async -> String?

    /// Says what the bytes claim, without a child: most tests are about something else.
    static let trusting: Detect = { head in
        head.starts(with: [0x89, 0x50])
            ? "image/png" : head.starts(with: Data("MZ".utf8)) ? "application/x-dosexec" : "text/plain"
    }

    static func open(
        _ engine: TestEngine,
        detect: @escaping Detect = Self.trusting,
        limits: Intake.Files.Limits = .init(bytes: 4 << 20, count: 4),
        _ body: (World) async throws -> Void
    ) async throws {
        try await TestEngine.withFolder { folder in
            try await engine.withDatabase([JobQueue.schema, AuditLog.schema, Intake.schema, Casework.schema]) {
                database in
                let world = try Self(database, folder, detect, limits)
                try await world.intake.archiveQuestionnaires()
                try await body(world)
            }
        }
    }

    private init(_ database: Database, _ folder: String, _ detect: @escaping Detect, _ limits: Intake.Files.Limits)
        throws
    {
        let master = MasterKey.random()
        let desk = PrivateBox.generate(.xwing)
        let box = desk.publicBox
        let derivation = KeyDerivation(
            masterKey: master,
            systemSalt: KeyDerivation.newSalt(),
            receiptCost: Argon2Cost(memoryKiB: 64, passes: 1)
        )
        let store = try BlobStore(root: folder)
        let clock = Clock.system
        let audit = AuditLog { fields, previous in AuditHash.chain(previous: previous, leaf: AuditHash.leaf(fields)) }
        let intake = Intake(
            database: database,
            keys: IntakeKeys(master: master, derivation: derivation),
            questionnaires: try Questionnaires.load(resources: Self.resources),
            normaliser: Normaliser(plan: NumberingPlan(countryCode: "212", trunk: "0", nationalLength: 9)),
            clock: clock,
            files: Intake.Files(store: store, limits: limits, detect: detect),
            unitBox: { _, _ in (box, 1) },
            onReceived: { tx, report, danger in try Casework.received(tx, report, imminentDanger: danger) },
            onAdded: { tx, report, act in try Casework.added(tx, report, act, audit: audit, today: clock.today()) }
        )
        self.database = database
        self.intake = intake
        self.casework = Casework(
            database: database,
            intake: intake,
            audit: audit,
            clock: clock,
            unitBox: { _, _ in (box, 1) }
        )
        self.store = store
        self.folder = folder
        self.audit = audit
        self.access = DeskAccess(
            principal: Principal(id: .random(), name: "Analyst", permissions: [.readCases, .workCases]),
            unitKeys: [.desk: desk]
        )
    }

    func submission(_ kind: String) throws -> Submission {
        let questionnaire = try self.questionnaire(kind)
        var raw = RawSubmission(items: [.url: ["https://mal.example/"]], identity: "anonymous")
        for field in questionnaire.fields {
            switch field.kind {
            case .single, .multiple: raw.fields[field.id] = field.options.first.map { [$0.id] } ?? []
            case .text, .long: raw.fields[field.id] = ["Some words."]
            case .date: raw.fields[field.id] = ["2026-01-02"]
            case .amount: raw.fields[field.id] = ["10"]
            }
        }
        return try Submission(questionnaire, raw, normaliser: self.intake.normaliser, today: Clock.system.today())
    }

    func questionnaire(_ kind: String) throws -> Questionnaire {
        guard let version = self.intake.questionnaires[kind] else { throw DomainError.notFound }
        return version.questionnaire
    }

    func send(_ files: [(String, Data)], into delivery: FileDelivery, pieces: Int = 16_384) async throws {
        for (name, content) in files {
            await delivery.begin(name)
            for start in stride(from: 0, to: content.count, by: pieces) {
                try await delivery.append(content[start..<min(start + pieces, content.count)])
            }
            try await delivery.end()
        }
    }

    func report(_ kind: String, token: String = UUID().uuidString, _ files: [(String, Data)]) async throws -> Acceptance
    {
        let delivery = self.intake.delivery(for: try self.questionnaire(kind))
        try await self.send(files, into: delivery)
        return try await self.intake.submit(
            try self.submission(kind),
            formToken: token,
            language: .french,
            files: delivery
        )
    }

    func visit(_ acceptance: Acceptance) async throws -> ReporterVisit {
        guard let token = try await self.intake.visit(acceptance.code), let visit = try await self.intake.resume(token)
        else { throw DomainError.notFound }
        return visit
    }

    func content(_ opened: OpenedFile) async throws -> Data {
        var content = Data()
        try await opened.read { content += $0 }
        return content
    }

    /// Everything that lies in the folder, finished or not.
    var stored: [String] {
        get throws {
            let found = FileManager.default.enumerator(atPath: self.folder)?.compactMap { $0 as? String } ?? []
            return found.filter { path in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: "\(self.folder)/\(path)", isDirectory: &isFolder)
                    && !isFolder.boolValue
            }
        }
    }
}
