import App
import Casework
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Identity
import Intake
import Kernel
import Mail
import NIOCore
import Notifications
import StorageTesting
import Testing
import Vault

@Suite struct DeskPageTests {
    @Test(arguments: TestEngine.available)
    func `on call shows the measured wait beside the target, and opens nothing`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let analyst = try await stage.signedIn([.analyst], "analyst@desk.example")
            let urgent = try await stage.report(urgent: true)
            stage.hand.move(20 * 60)
            try await Application(router: stage.house.desk()).test(.router) { client in
                let browser = Browser(client: client, cookie: analyst.cookie)
                let page = try await browser.get("/fr/garde")
                #expect(page.status == 200)
                #expect(page.html.contains(urgent.report.reference))
                #expect(page.html.contains("0 h 20 min"))
                #expect(!page.html.contains("cible dépassée"))
                #expect(!page.html.contains(canary))
            }
            #expect(try await stage.house.casework.onCall(for: try await stage.access(analyst.session)).count == 1)
            stage.hand.move(25 * 60)
            try await Application(router: stage.house.desk()).test(.router) { client in
                // Still within thirty minutes of the last page.
                let page = try await Browser(client: client, cookie: analyst.cookie).get("/ar/garde")
                #expect(page.html.contains("0 س 45 د"))
            }
            stage.hand.move(25 * 60)
            try await Application(router: stage.house.desk()).test(.router) { client in
                let page = try await Browser(client: client, cookie: analyst.cookie).get("/fr/garde")
                #expect(page.html.contains("1 h 10 min"))
                #expect(page.html.contains("cible dépassée"))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `staff choose on the page what they are told of, if they may see cases`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let analyst = try await stage.signedIn([.analyst], "analyst@desk.example")
            let auditor = try await stage.signedIn([.auditor], "auditor@desk.example")
            let notifications = stage.house.notifications
            try await Application(router: stage.house.desk()).test(.router) { client in
                var browser = Browser(client: client, cookie: analyst.cookie, site: "same-origin")
                let form = try Browser.token(try await browser.get("/ar/avis").html)
                #expect(try await browser.post("/ar/avis", ["form": form, "level": "urgent"]).status == 303)
                #expect(try await notifications.level(of: analyst.session.principal.id) == .urgent)
                #expect(try await browser.post("/ar/avis", ["form": form, "level": "everything"]).status == 422)
                #expect(try await browser.post("/ar/avis", ["form": "x", "level": "none"]).status == 403)
                #expect(try await notifications.level(of: analyst.session.principal.id) == .urgent)

                let other = Browser(client: client, cookie: auditor.cookie)
                #expect(try await other.get("/fr/avis").status == 403)
                #expect(try await other.get("/fr/garde").status == 403)
                #expect(try await Browser(client: client).get("/fr/garde").status == 303)
            }
            _ = try await stage.report(urgent: true)
            #expect(try await stage.sent().map(\.language) == [.arabic])
        }
    }
}
