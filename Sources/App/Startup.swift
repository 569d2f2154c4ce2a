import Documents
import Foundation
import Identity
import Intake
import Kernel
import Logging
import Storage
import StoragePostgres
import Vault
import WebSupport

/// From a configuration to a house that can serve: folder, key, database, schema, first keys.
struct Startup: Sendable {
    let config: AppConfig
    let database: Database
    let house: House
    let worker: JobWorker
    /// What the operator's commands do while this process runs.
    let actions: OperatorActions
    let mailWorker: JobWorker
    private let lock: DataFolderLock
    private let links: FirstLinks?
    private let isDemo: Bool

    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter migrates: bring an existing database's schema up to date first.
    init(_ config: AppConfig, isDemo: Bool, migrates: Bool, logger: Logger) async throws {
        self.config = config
        if config.testSynchronous != nil, !isDemo {
            throw Fault(description: "TEST_SYNCHRONOUS loses reports; unset it, or start a demonstration")
        }
        self.lock = try DataFolderLock(config.dataFolder)
        let masterKey = try Self.masterKey(config)
        self.database = try await Self.open(config)
        // A first start makes its tables; later ones refuse a schema that is not theirs, so that an upgrade has its
        // backup first.
        let isNew = (try? await Installation.read(self.database)) == nil
        if isNew || migrates { try await self.database.migrate(Schemas.all) }
        try await self.database.verify(Schemas.all)
        let clock = Clock.system
        let installation = try await Installation.open(self.database, isDemo: isDemo, today: clock.today())
        guard installation.isDemo == isDemo else {
            throw Fault(
                description: installation.isDemo
                    ? "\(config.dataFolder) holds a demonstration; choose another folder with DATA for a real installation"
                    : "\(config.dataFolder) holds a real installation; choose another folder with DATA for a demonstration"
            )
        }
        let derivation = KeyDerivation(masterKey: masterKey, systemSalt: installation.salt)
        var environment = AppEnvironment(
            database: self.database,
            masterKey: masterKey,
            derivation: derivation,
            clock: clock,
            logger: logger,
            isDemo: isDemo
        )
        environment.mailer = config.mailRoute.mailer(clock)
        environment.formKeys = try await self.database.read { try KeyVersions.current($0, .forms) }
        environment.files = try Self.files(config)
        let library = try await Library(country: config.country, resources: config.resources)
        let pages = Self.pages(config)
        var house = try House(environment, pages, library)
        try await house.intake.archiveQuestionnaires()
        let links = try await house.identity.firstStart(
            administrator: config.firstAdministrator,
            keyHolder: config.firstKeyHolder
        )
        if isDemo {
            let staff = try await DemoStaff.open(house, links: links, folder: config.dataFolder)
            environment.demonstration = { [identity = house.identity] role in try await staff.enter(role, identity) }
            house = try House(environment, pages, library)
            if links != nil { try await DemoStories.tell(house, staff, resources: config.resources) }
        }
        self.house = house
        self.links = links
        self.isDemo = isDemo
        let worker = JobWorker(self.database, clock: clock, logger: logger)
        let database = self.database
        worker.schedule(JobSchedule("counters.purge", every: 3600)) {
            _ = try await database.write { tx in try Counters.purge(tx, before: clock.now() - 24 * 3600) }
        }
        worker.schedule(JobSchedule("intake.files", every: 86_400, offset: 3 * 3600)) { [intake = house.intake] in
            try await intake.collectFiles()
        }
        self.worker = worker
        self.mailWorker = house.mailWorker(logger: logger)
        let actions = try OperatorActions(
            database: database,
            masterKey: masterKey,
            dataFolder: config.dataFolder,
            backupKey: config.backupKey,
            retentionDays: config.retentionDays,
            clock: clock
        )
        self.actions = actions
        worker.schedule(JobSchedule("retention.run", every: 24 * 3600)) {
            let result = try await actions.perform(.retention(isDryRun: false)) { _ in }
            logger.info("retention", metadata: ["result": "\(result.split(separator: "\n").first ?? "")"])
        }
    }

    /// Sealed files lie beside the database; what they are, a child process of this very program says.
    static func files(_ config: AppConfig) throws -> Intake.Files {
        let detector = FileTypeDetector()
        return Intake.Files(
            store: try BlobStore(root: config.dataFolder),
            limits: .init(bytes: config.uploads.fileBytes, count: config.uploads.files),
            detect: { await detector.type(of: $0) }
        )
    }

    static func open(_ config: AppConfig) async throws -> Database {
        if let url = config.databaseURL { return try await Self.postgres(url) }
        let durability = config.testSynchronous.flatMap(Database.Durability.init(rawValue:)) ?? .full
        return try await Database.open(.sqlite("\(config.dataFolder)/cyberconfiance.sqlite", durability: durability))
    }

    static func postgres(_ url: String) async throws -> Database { try await Database.postgres(url) }

    static func masterKey(_ config: AppConfig) throws -> MasterKey {
        if FileManager.default.fileExists(atPath: config.masterKeyFile) {
            return try MasterKey.load(path: config.masterKeyFile)
        }
        // A database without its key is lost; a new key would hide that.
        if FileManager.default.fileExists(atPath: "\(config.dataFolder)/cyberconfiance.sqlite") {
            throw Fault(
                description:
                    "\(config.masterKeyFile) is missing, but there is a database: restore the key from its copy"
            )
        }
        return try MasterKey.create(path: config.masterKeyFile)
    }

    private static func pages(_ config: AppConfig) -> House.Configuration {
        func hosts(_ origin: String, _ address: AppConfig.Address) -> Set<String> {
            let host = origin.split(separator: "/").last.map { $0.lowercased() } ?? ""
            return config.isProduction
                ? [host] : [host, "localhost:\(address.port)", "127.0.0.1:\(address.port)"]
        }
        var pages = House.Configuration(
            publicOrigin: config.publicOrigin,
            deskOrigin: config.deskOrigin,
            publicHosts: hosts(config.publicOrigin, config.publicAddress),
            deskHosts: hosts(config.deskOrigin, config.deskAddress),
            isProduction: config.isProduction
        )
        pages.reportsPerNetworkHour = config.reportsPerNetworkHour
        pages.reportsPerMinute = config.reportsPerMinute
        pages.operatorName = config.operatorName
        pages.uploads = config.uploads
        pages.uploadsAtOnce = config.uploadsAtOnce
        pages.operatorContact = config.operatorContact
        pages.retentionDays = config.retentionDays
        pages.operatorDeclaration = config.operatorDeclaration
        return pages
    }

    /// What the person who started it needs to know; the only place where one-time links are printed.
    func announce(_ surfaces: [SurfaceName]) {
        if self.isDemo {
            Self.say("\nCyberconfiance: \(self.config.publicOrigin)/fr/visite\n")
        } else {
            if surfaces.contains(.portal) { Self.say("\nCyberconfiance: \(self.config.publicOrigin)/") }
            if surfaces.contains(.desk) { Self.say("Desk: \(self.config.deskOrigin)/") }
            if let links {
                let prefix = "\(self.config.deskOrigin)/fr/invitation?jeton="
                Self.say("\nTwo one-time links, valid for three days, shown only now:")
                Self.say("  first administrator: \(prefix)\(links.administrator.text)")
                Self.say("  first key-holder:    \(prefix)\(links.keyHolder.text)")
                Self.say("Intake opens when the key-holder has accepted.\n")
            }
        }
    }

    /// Written at once, also into a pipe: `bin/run` waits for it.
    private static func say(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }
}
