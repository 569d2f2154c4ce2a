import App
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Kernel
import Mail
import NIOCore
import Notifications
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct NewsPageTests {
    @Test(arguments: TestEngine.available)
    func `a reporter asks on the page, and leaves by the mail's link as mail programs do`(engine: TestEngine)
        async throws
    {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            try await Application(router: stage.house.portal()).test(.router) { client in
                var browser = Browser(client: client)
                let form = try Browser.token(try await browser.get("/fr/suivi").html)
                #expect(
                    try await browser.post("/fr/suivi", ["form": form, "code": acceptance.code.digits]).status == 303
                )
                let page = try await browser.get("/fr/suivi/dossier").html
                #expect(page.contains("Être prévenu quand il y a du nouveau"))
                let visit = try Browser.token(page)

                let refused = try await browser.post("/fr/suivi/avis", ["form": visit, "address": "nobody"])
                #expect(refused.status == 422)
                #expect(refused.html.contains("value=\"nobody\""))
                #expect(refused.html.contains("href=\"#news-address\""))
                #expect(
                    try await browser.post("/fr/suivi/avis", ["form": "x", "address": "a@b.example"]).status == 403
                )
                let asked = try await browser.post("/fr/suivi/avis", ["form": visit, "address": "me@mailbox.example"])
                #expect(asked.status == 303)
                #expect(try await browser.get("/fr/suivi/dossier").html.contains("m…@mailbox.example"))

                try await stage.reply(to: acceptance.report.id, by: stage.keyHolder)
                let link = try #require(try await stage.sent().first?.leave)
                let path = link.replacing("https://portal.example", with: "")
                var stranger = Browser(client: client)
                // Looking changes nothing.
                let looked = try await stranger.get(path)
                #expect(looked.status == 200)
                #expect(looked.html.contains("Ne plus être prévenu"))
                #expect(try await stage.house.notifications.newsHint(of: acceptance.subject) != nil)
                let altered = "\(path.dropLast(9))AAAAAAAAA"
                #expect(try await stranger.get(altered).status == 404)
                #expect(try await stranger.post(altered, ["List-Unsubscribe": "One-Click"]).status == 404)
                #expect(try await stranger.post("/fr/suivi/avis/quitter", [:]).status == 404)
                #expect(try await stage.house.notifications.newsHint(of: acceptance.subject) != nil)
                #expect(try await stranger.post(path, ["List-Unsubscribe": "One-Click"]).status == 200)
                #expect(try await stage.house.notifications.newsHint(of: acceptance.subject) == nil)
                #expect(try await stranger.post(path, ["List-Unsubscribe": "One-Click"]).status == 200)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a reporter who is back takes the address away`(engine: TestEngine) async throws {
        try await Stage.with(engine) { stage in
            let acceptance = try await stage.report()
            try await stage.house.notifications.tellNews(of: acceptance.subject, at: "me@mailbox.example", in: .french)
            try await Application(router: stage.house.portal()).test(.router) { client in
                var browser = Browser(client: client)
                let form = try Browser.token(try await browser.get("/fr/suivi").html)
                _ = try await browser.post("/fr/suivi", ["form": form, "code": acceptance.code.digits])
                let visit = try Browser.token(try await browser.get("/fr/suivi/dossier").html)
                #expect(try await browser.post("/fr/suivi/avis/fin", ["form": visit]).status == 303)
                #expect(try await stage.house.notifications.newsHint(of: acceptance.subject) == nil)
            }
        }
    }
}
