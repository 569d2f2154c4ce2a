import Casework
import Country
import Foundation
import Hummingbird
import Identity
import Kernel
import Notifications
import WebSupport

/// `/{language}/garde`: urgent cases that nobody has read, with the delay that was measured beside the desk's own aim.
struct OnCallPages: Sendable {
    let desk: Desk

    static let keys = ["desk.on-call.waiting", "desk.on-call.target", "desk.on-call.unknown"]

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("garde", use: self.show)
    }

    private func show(_ request: Request, _ context: DeskContext) async throws -> Response {
        let access = DeskAccess(
            principal: context.session.principal,
            unitKeys: try await self.desk.identity.unitKeys(context.session)
        )
        let cases = try await self.desk.casework.onCall(for: access)
        let language = context.language
        let texts = self.desk.texts(language)
        let dates = self.desk.dates(language)
        let now = self.desk.clock.now()
        let target = self.desk.country.profile.triageTargetMinutes.urgent
        let view = OnCallView(
            layout: self.desk.shell.layout(
                language,
                path: "garde",
                title: texts.text("nav.garde"),
                isPersonal: true,
                navigation: context.navigation
            ),
            needsKey: !access.holdsKeys,
            isEmpty: cases.isEmpty,
            target: texts.text("desk.on-call.target", ["minutes": String(target)]),
            offersNotices: self.desk.notifications?.isOffered == true,
            cases: cases.map { urgent in
                let minutes = urgent.since.map { max(0, Int(now.timeIntervalSince($0) / 60)) }
                return OnCallView.Row(
                    href: "/\(language)/\(urgent.file.unit == .child ? "enfants" : "dossiers")/\(urgent.file.reportId)",
                    reference: urgent.file.reference,
                    category: texts.text("category.\(urgent.file.category)"),
                    state: texts.text("case.state.\(urgent.file.state.rawValue)"),
                    language: urgent.file.language.rawValue,
                    received: dates.day(urgent.file.receivedDay),
                    waiting: minutes.map {
                        texts.text("desk.on-call.waiting", ["hours": String($0 / 60), "minutes": String($0 % 60)])
                    } ?? texts.text("desk.on-call.unknown"),
                    isLate: minutes.map { $0 > target } ?? false
                )
            }
        )
        return try self.desk.pages.render("desk.on-call", view, language)
    }
}

private struct OnCallView {
    let layout: Layout
    let needsKey: Bool
    let isEmpty: Bool
    let target: String
    let offersNotices: Bool
    let cases: [Row]

    struct Row {
        let href: String
        let reference: String
        let category: String
        let state: String
        let language: String
        let received: String
        let waiting: String
        let isLate: Bool
    }
}
