import Content
import Country
import Foundation
import Guidance
import Hummingbird
import Intake
import Kernel
import Notifications
import Vault
import WebSupport

/// What the pages of the public site share.
package struct Portal: Sendable {
    package let pages: PageRenderer
    package let shell: Shell
    package let country: Country
    package let time: CountryTime
    package let content: Content
    package let guidance: Guidance
    package let intake: Intake
    /// Absent where nobody can be told by mail.
    package let notifications: Notifications?
    package let forms: FormGuard
    package let uploads: UploadReader
    package let helpState: HelpState
    package let published: PublishedPages
    package let assets: Assets
    package let settings: Settings
    package let clock: Clock
    package let network: @Sendable (AppRequestContext) -> String
    package let flood: FloodControl
    package let attempts: @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int

    /// What the operator declared, and how the site is reached.
    package struct Settings: Sendable {
        package let origin: String
        package let deskOrigin: String
        package let isDemo: Bool
        /// Whether visitors may enter the demonstration's desk without a password.
        package let showsVisit: Bool
        package let operatorName: String?
        package let operatorContact: String?
        package let operatorDeclaration: String?
        /// Days after closing until a report is erased.
        package let retentionDays: Int

        package init(
            origin: String,
            deskOrigin: String,
            isDemo: Bool,
            showsVisit: Bool,
            operatorName: String?,
            operatorContact: String?,
            operatorDeclaration: String?,
            retentionDays: Int
        ) {
            self.origin = origin
            self.deskOrigin = deskOrigin
            self.isDemo = isDemo
            self.showsVisit = showsVisit
            self.operatorName = operatorName
            self.operatorContact = operatorContact
            self.operatorDeclaration = operatorDeclaration
            self.retentionDays = retentionDays
        }
    }

    /// - Parameters:
    ///   - network: the daily pseudonym of where a request comes from.
    ///   - attempts: counts a try in a window of so many seconds, for all servers together.
    package init(
        pages: PageRenderer,
        shell: Shell,
        country: Country,
        time: CountryTime,
        content: Content,
        guidance: Guidance,
        intake: Intake,
        notifications: Notifications? = nil,
        forms: FormGuard,
        uploads: UploadReader,
        helpState: HelpState,
        assets: Assets,
        settings: Settings,
        clock: Clock,
        network: @escaping @Sendable (AppRequestContext) -> String,
        flood: FloodControl,
        attempts: @escaping @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int
    ) {
        self.pages = pages
        self.shell = shell
        self.country = country
        self.time = time
        self.content = content
        self.guidance = guidance
        self.intake = intake
        self.notifications = notifications
        self.forms = forms
        self.uploads = uploads
        self.helpState = helpState
        self.published = PublishedPages()
        self.assets = assets
        self.settings = settings
        self.clock = clock
        self.network = network
        self.flood = flood
        self.attempts = attempts
    }

    package func addRoutes(to router: Router<AppRequestContext>) {
        SitePages(portal: self).addRoutes(to: router)
        for language in self.pages.languages {
            let site = router.group(RouterPath("\(language)"))
            HomePages(portal: self, language: language).addRoutes(to: site)
            HelpPages(portal: self).addRoutes(to: site)
            ReportPages(portal: self).addRoutes(to: site)
            FollowUpPages(portal: self).addRoutes(to: site)
            ArticlePages(portal: self, language: language).addRoutes(to: site)
            VerifyPages(portal: self).addRoutes(to: site)
        }
    }

    /// When a report is erased, in words and from the configuration.
    func retention(_ key: String, _ language: Language) -> String {
        let days = self.settings.retentionDays
        return self.texts(language).plural("retention.\(key)", days, ["days": String(days)])
    }

    func texts(_ language: Language) -> Translations { self.pages.texts(language) }
    func dates(_ language: Language) -> Dates { Dates(self.time, self.texts(language)) }

    /// Keys that code composes, checked at start-up.
    package static func composedKeys(_ intake: Questionnaires) -> [String] {
        Dates.keys + ErrorPageMiddleware.sentences.flatMap { ["\($0).title", "\($0).text"] }
            + HomePages.keys + HelpPages.keys + ReportPages.keys + FollowUpPages.keys + FormErrors.keys
            + Shell.portalNavigation.map { "nav.\($0)" } + [
                "operator.not-declared", "privacy.not-declared", "contacts.checked",
            ]
            + [
                "guides.reviewed", "guides.checked", "guides.size.1", "guides.size.2", "guides.size.3", "page.help",
                "page.report", "page.follow", "page.verify",
                "page.visit",
            ]
    }

    package static let pluralKeys = ["retention.receipt", "retention.privacy", "guides.minutes", "help.at-most"]
}
