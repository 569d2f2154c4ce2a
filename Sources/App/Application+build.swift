import API
import Casework
import Content
import Country
import DataFiles
import DeskWeb
import Foundation
import Guidance
import HTTPTypes
import Hummingbird
import HummingbirdCore
import Identity
import Indicators
import Intake
import Kernel
import Logging
import Mail
import NIOCore
import Notifications
import PortalWeb
import Storage
import Vault
import WebSupport

/// Everything with a side effect, so that tests can put something else in its place.
package struct AppEnvironment: Sendable {
    package var database: Database
    package var masterKey: MasterKey
    package var derivation: KeyDerivation
    package var clock: Clock
    package var logger: Logger
    package var isDemo: Bool
    /// Version of the keys of forms, guided help and enrolment.
    package var formKeys = 1
    /// Absent: mail cannot leave, and nobody is offered any.
    package var mailer: (any Mailer)?
    package var demonstration: (@Sendable (Role) async throws -> SecretToken)?
    /// `nil`: no report takes files.
    package var files: Intake.Files?

    package init(
        database: Database,
        masterKey: MasterKey,
        derivation: KeyDerivation,
        clock: Clock,
        logger: Logger,
        isDemo: Bool
    ) {
        self.database = database
        self.masterKey = masterKey
        self.derivation = derivation
        self.clock = clock
        self.logger = logger
        self.isDemo = isDemo
    }
}

/// What `Resources/` holds, read and checked.
package struct Library: Sendable {
    package let country: Country
    package let content: Content
    package let guidance: Guidance
    package let questionnaires: Questionnaires
    package let pages: PageRenderer
    package let assets: Assets
    let taxonomy: Taxonomy
    let replies: [ReplyTemplate]
    let portalDocument: OpenAPIDocument
    let deskDocument: OpenAPIDocument

    /// - Parameter folder: `Resources/`
    package init(country: String, resources folder: URL) async throws {
        self.country = try Country.load(country, resources: folder)
        // Compiling the templates takes as long as reading all the rest: at the same time, the start is half as long.
        let languages = self.country.profile.languages
        async let pages = PageRenderer(resources: folder, languages: languages)
        self.content = try Content.load(resources: folder)
        self.questionnaires = try Questionnaires.load(resources: folder)
        self.guidance = try Guidance.load(
            resources: folder,
            neighbours: Guidance.Neighbours(
                contacts: Set(self.country.directory.map(\.id)),
                sourcedContacts: Set(self.country.directory.filter(\.isSourced).map(\.id)),
                guides: self.content.guideSlugs,
                reportKinds: self.questionnaires.ids
            )
        )
        self.pages = try await pages
        try self.pages.require(
            Portal.composedKeys(self.questionnaires) + Desk.composedKeys + APIContext.composedKeys + Letters.keys
        )
        try self.pages.requirePlurals(Portal.pluralKeys + Desk.pluralKeys)
        self.assets = try Assets(resources: folder)
        self.replies = try ReplyTemplate.load(resources: folder)
        self.taxonomy = try Taxonomy.load("rsit", resources: folder)
        self.portalDocument = try OpenAPIDocument("v1-portal", resources: folder)
        self.deskDocument = try OpenAPIDocument("v1-desk", resources: folder)
    }
}

/// The rooms, put together.
package struct House: Sendable {
    package let environment: AppEnvironment
    package let config: Configuration
    package let library: Library
    package let audit: AuditLog
    package let identity: Identity
    package let intake: Intake
    package let casework: Casework
    package let notifications: Notifications
    let time: CountryTime
    let network: @Sendable (AppRequestContext) -> String

    /// The part of the configuration that pages depend on.
    package struct Configuration: Sendable {
        package var publicOrigin: String
        package var deskOrigin: String
        package var publicHosts: Set<String>
        package var deskHosts: Set<String>
        package var isProduction: Bool
        /// Reports of one network in an hour, and of everybody in a minute, above which people wait twenty seconds.
        package var reportsPerNetworkHour = 30
        package var reportsPerMinute = 1000
        /// Days after closing until a case is erased.
        package var retentionDays = Retention.defaultDays
        package var operatorName: String?
        package var operatorContact: String?
        package var operatorDeclaration: String?
        package var uploads = UploadLimits()
        package var uploadsAtOnce = 8

        package init(
            publicOrigin: String,
            deskOrigin: String,
            publicHosts: Set<String>,
            deskHosts: Set<String>,
            isProduction: Bool
        ) {
            self.publicOrigin = publicOrigin
            self.deskOrigin = deskOrigin
            self.publicHosts = publicHosts
            self.deskHosts = deskHosts
            self.isProduction = isProduction
        }
    }

    package init(_ environment: AppEnvironment, _ config: Configuration, _ library: Library) throws {
        let audit = AuditLog.chained
        let clock = environment.clock
        let phone = library.country.profile.phone
        self.environment = environment
        self.config = config
        self.library = library
        self.audit = audit
        self.time = CountryTime(library.country.profile)
        self.identity = try Identity(
            database: environment.database,
            audit: audit,
            master: environment.masterKey,
            derivation: environment.derivation,
            permissions: Roles.permissions,
            clock: clock,
            isDemonstration: environment.isDemo
        )
        let letters = Letters(
            pages: library.pages,
            publicOrigin: config.publicOrigin,
            deskOrigin: config.deskOrigin
        )
        let notifications = Notifications(
            isOffered: environment.mailer != nil,
            database: environment.database,
            audit: audit,
            outbox: Outbox(key: environment.masterKey.derive("mail-outbox")),
            master: environment.masterKey,
            clock: clock,
            compose: { letters.words($0, $1) },
            staff: { tx, unit in try Identity.reachable(tx, unit).map { ($0.id, $0.email) } }
        )
        self.notifications = notifications
        self.intake = Intake(
            database: environment.database,
            keys: IntakeKeys(master: environment.masterKey, derivation: environment.derivation),
            questionnaires: library.questionnaires,
            normaliser: Normaliser(
                plan: NumberingPlan(
                    countryCode: phone.countryCode,
                    trunk: phone.trunk,
                    nationalLength: phone.nationalLength
                )
            ),
            clock: clock,
            files: environment.files,
            unitBox: Identity.unitBox,
            childChannelOpen: Casework.isChildChannelOpen,
            onReceived: { tx, report, danger in
                try Casework.received(tx, report, imminentDanger: danger)
                try notifications.arrived(report.unit, isUrgent: danger, tx)
            },
            onAdded: { tx, report, act in try Casework.added(tx, report, act, audit: audit, today: clock.today()) },
            onSeen: { report in try await notifications.seen(.init(rawValue: report.rawValue)) },
            indexVersion: { tx in try KeyVersions.current(tx, .blindIndex) }
        )
        self.casework = Casework(
            database: environment.database,
            intake: self.intake,
            audit: audit,
            clock: clock,
            unitBox: Identity.unitBox,
            hooks: CaseworkHooks(
                onTold: { tx, report in try notifications.news(of: .init(rawValue: report.rawValue), tx) },
                onRead: { tx, _ in try notifications.deskHasRead(tx) },
                onUrgent: { tx, unit in try notifications.arrived(unit, isUrgent: true, tx) }
            )
        )
        let pseudonym = NetworkPseudonym(masterKey: environment.masterKey)
        self.network = { context in pseudonym.of(address: context.peer?.ipAddress ?? "", day: clock.today().rawValue) }
    }

    /// Mail has a worker of its own: a relay that is slow to answer holds up no other job.
    package func mailWorker(logger: Logger) -> JobWorker {
        let worker = JobWorker(self.environment.database, clock: self.environment.clock, logger: logger)
        if let mailer = self.environment.mailer { self.notifications.register(on: worker, mailer: mailer) }
        return worker
    }

    /// The public site.
    package func portal() -> Router<AppRequestContext> {
        let shell = self.shell(.portal, origin: self.config.publicOrigin)
        let api = self.portalAPI().routes
        let router = self.router(shell, hosts: self.config.publicHosts, signInPath: "suivi", api)
        let clock = self.environment.clock
        Portal(
            pages: self.library.pages,
            shell: shell,
            country: self.library.country,
            time: self.time,
            content: self.library.content,
            guidance: self.library.guidance,
            intake: self.intake,
            notifications: self.notifications,
            forms: self.forms(self.config.publicOrigin, self.config.publicHosts),
            uploads: UploadReader(limits: self.config.uploads, slots: UploadSlots(self.config.uploadsAtOnce)),
            helpState: HelpState(
                key: self.environment.masterKey.derive(self.formKey("help-state")),
                tree: self.library.guidance.tree,
                clock: clock
            ),
            assets: self.library.assets,
            settings: Portal.Settings(
                origin: self.config.publicOrigin,
                deskOrigin: self.config.deskOrigin,
                isDemo: !self.config.isProduction,
                showsVisit: self.environment.isDemo,
                operatorName: self.config.operatorName,
                operatorContact: self.config.operatorContact,
                operatorDeclaration: self.config.operatorDeclaration,
                retentionDays: self.config.retentionDays
            ),
            clock: clock,
            network: self.network,
            flood: self.flood,
            attempts: self.attempts
        ).addRoutes(to: router)
        api.add(to: router)
        return router
    }

    /// The staff's site.
    package func desk() -> Router<AppRequestContext> {
        let shell = self.shell(.desk, origin: self.config.deskOrigin)
        let api = self.deskAPI().routes
        let router = self.router(shell, hosts: self.config.deskHosts, signInPath: "connexion", api)
        Desk(
            pages: self.library.pages,
            shell: shell,
            country: self.library.country,
            time: self.time,
            identity: self.identity,
            casework: self.casework,
            notifications: self.notifications,
            questionnaires: self.library.questionnaires,
            helpInWords: { [tree = self.library.guidance.tree] answers, language in
                tree.questions.compactMap { question in
                    answers[question.id].map { chosen in
                        (
                            question.text.text(language),
                            question.options.filter { chosen.contains($0.id) }.map { $0.text.text(language) }
                        )
                    }
                }
            },
            taxonomy: self.library.taxonomy.codes.map { ($0.id, $0.label) },
            replies: self.library.replies,
            audit: self.audit,
            database: self.environment.database,
            forms: self.forms(self.config.deskOrigin, self.config.deskHosts),
            enrolment: SealedToken(
                key: self.environment.masterKey.derive(self.formKey("enrolment")),
                lifetime: 60 * 60
            ),
            assets: self.library.assets,
            origin: self.config.deskOrigin,
            retentionDays: self.config.retentionDays,
            clock: self.environment.clock,
            network: self.network,
            demonstration: self.environment.demonstration.map {
                Desk.Demonstration(roles: DemoStaff.roles, enter: $0)
            }
        ).addRoutes(to: router)
        api.add(to: router)
        return router
    }

    private func formKey(_ label: String) -> String { KeyVersions.label(label, self.environment.formKeys) }

    private func shell(_ surface: Shell.Surface, origin: String) -> Shell {
        Shell(
            surface,
            origin: origin,
            isDemo: !self.config.isProduction,
            country: self.library.country,
            assets: self.library.assets,
            pages: self.library.pages,
            operatorName: self.config.operatorName,
            operatorContact: self.config.operatorContact
        )
    }

    private func forms(_ origin: String, _ hosts: Set<String>) -> FormGuard {
        // In a demonstration the same server is reached by several names of this machine.
        let others = self.config.isProduction ? [] : hosts.map { "http://\($0)" }
        return FormGuard(
            tokens: FormTokens(key: self.environment.masterKey.derive(self.formKey("forms"))),
            origins: Set([origin] + others),
            clock: self.environment.clock
        )
    }

    private func router(
        _ shell: Shell,
        hosts: Set<String>,
        signInPath: String,
        _ api: RouteTable
    ) -> Router<AppRequestContext> {
        let router = Router(context: AppRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.addMiddleware {
            SecurityHeadersMiddleware(isDemo: !self.config.isProduction)
            LogRequestsMiddleware()
            LanguageMiddleware(fallback: self.library.country.profile.defaultLanguage)
            ErrorPageMiddleware(pages: self.library.pages, shell: shell, signInPath: signInPath)
            ProblemMiddleware(pages: self.library.pages, routes: api)
            RequestGuardMiddleware(hosts: hosts)
        }
        return router
    }
}
