import Foundation
import HTTPTypes
import Identity
import NIOCore
import StorageTesting
import Testing

@Suite struct ProblemTests {
    @Test func `everything under the API that goes wrong is a problem document in the language asked for`() async throws
    {
        try await Installed.run(.sqlite) { installed in
            try await installed.portal { portal in
                let english: HTTPFields = [.acceptLanguage: "en"]
                for path in ["/api", "/api/", "/api/v2", "/api/v1/nothing", "/api/v1/guides/none", "/api/v1/cases"] {
                    let answer = try await portal.get(path, english)
                    #expect((answer.status.code, answer.problem) == (404, "not-found"), "\(path)")
                    #expect(answer.headers[.contentType] == "application/problem+json")
                    #expect(answer.headers[.cacheControl] == "no-store")
                    #expect(answer["title"] as? String == "Not found")
                }
                let french = try await portal.get("/api/v1/nothing", [.acceptLanguage: "fr"])
                #expect(french["title"] as? String == "Introuvable")
                #expect(french.headers[.contentLanguage] == "fr")
                let control = try await portal.get("/api/v1/guides/%00", english)
                #expect((control.status.code, control.problem) == (400, "refused"))
                #expect(try await portal.get("/fr/nothing").text.contains("<html"))
            }
        }
    }

    @Test func `a wrong method is told which are right`() async throws {
        try await Installed.run(.sqlite) { installed in
            try await installed.portal { portal in
                for method in [HTTPRequest.Method.put, .patch, .delete, .options, .post] {
                    let answer = try await portal.send(method, "/api/v1/guides/phishing", nil)
                    #expect(answer.status == .methodNotAllowed)
                    #expect(answer.headers[.allow] == "GET, HEAD")
                    #expect(answer.problem == "method-not-allowed")
                }
                #expect(try await portal.get("/api/v1/follow-up/sessions").headers[.allow] == "DELETE, POST")
            }
        }
    }

    @Test func `a cookie proves nothing, and no answer lets another site read it`() async throws {
        try await Installed.run(.sqlite) { installed in
            try await installed.desk { desk in
                let token = try await installed.signIn(.analyst, desk)
                let cookie = try await desk.get("/api/v1/cases", [.cookie: "__Host-desk=\(token)"])
                #expect(cookie.status == .unauthorized)
                let foreign = try await desk.with(token).get("/api/v1/cases", [.origin: "https://other.example"])
                #expect(foreign.headers[.accessControlAllowOrigin] == nil)
                #expect(foreign.headers[.setCookie] == nil)
                #expect(foreign.headers[.cacheControl] == "no-store")
            }
        }
    }

    @Test func `what is not asked for is refused by name`() async throws {
        try await Installed.run(.sqlite) { installed in
            try await installed.desk { desk in
                let analyst = desk.with(try await installed.signIn(.analyst, desk))
                for query in [
                    "limit=0", "limit=201", "limit=x", "view=all", "urgency=9", "category=x", "cursor=x", "page=2",
                    "limit=1&limit=2", "view=%ff",
                ] {
                    let answer = try await analyst.get("/api/v1/cases?\(query)")
                    #expect((answer.status.code, answer.problem) == (400, "bad-parameter"), "\(query)")
                }
            }
            try await installed.portal { portal in
                let text = ByteBuffer(string: #"{"receipt": "x"}"#)
                let path = "/api/v1/receipts/verify"
                let form = try await portal.send(.post, path, text, [.contentType: "text/plain"])
                #expect((form.status.code, form.problem) == (415, "media-type"))
                let large = ByteBuffer(string: "\"\(String(repeating: "a", count: 1024 * 1024))\"")
                #expect(try await portal.send(.post, path, large).status.code == 413)
                let twice = ByteBuffer(string: #"{"receipt": "x", "receipt": "y"}"#)
                #expect(try await portal.send(.post, path, twice).problem == "duplicate")
                let invalid = ByteBuffer(bytes: Array(#"{"receipt": ""#.utf8) + [0xff] + Array(#""}"#.utf8))
                #expect(try await portal.send(.post, path, invalid).problem == "encoding")
                let (answer, _) = try await portal.report([
                    "fields": ["what-happened": "", "happened-on": "demain"],
                    "items": [["kind": "url", "value": "https://a.example"], ["kind": "phone", "value": "abc"]],
                ])
                #expect(answer.status == .unprocessableContent)
                let wanted = ["/fields/what-happened", "/fields/happened-on", "/items/1/value"]
                #expect(Set(wanted).isSubset(of: answer.pointers))
                let zero = try await portal.post("/api/v1/follow-up/sessions", ["code": "\0"])
                #expect((zero.status.code, zero.pointers) == (422, ["/code"]))
                let child = try await portal.report([
                    "kind": "child-abuse", "fields": [String: String](),
                    "items": [["kind": "url", "value": "https://a.example"]],
                ])
                #expect((child.answer.status.code, child.answer.problem) == (503, "child-route-closed"))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `guessing codes and passwords ends with a time to wait`(engine: TestEngine) async throws {
        try await Installed.run(engine) { installed in
            try await installed.portal { portal in
                // Valid check digits that open nothing.
                let code = String(repeating: "0", count: 24) + "98"
                var last = try await portal.post("/api/v1/follow-up/sessions", ["code": code])
                #expect(last.pointers == ["/code"])
                for _ in 0..<10 { last = try await portal.post("/api/v1/follow-up/sessions", ["code": code]) }
                #expect((last.status.code, last.problem) == (429, "rate-limited"))
                #expect(last.headers[.retryAfter].flatMap { Int($0) } ?? 0 > 0)
            }
            try await installed.desk { desk in
                let body = ["email": "keys@test.example", "password": "wrong", "code": "000000"]
                var last = try await desk.post("/api/v1/staff/sessions", body)
                #expect(last.status == .unprocessableContent)
                for _ in 0..<10 { last = try await desk.post("/api/v1/staff/sessions", body) }
                #expect(last.status == .tooManyRequests)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `pages of a list follow each other without gap or repetition`(engine: TestEngine) async throws {
        try await Installed.run(engine) { installed in
            try await installed.portal { portal in
                for _ in 0..<7 {
                    let report = try await portal.report()
                    #expect(report.answer.status == .created)
                }
            }
            try await installed.desk { desk in
                let analyst = desk.with(try await installed.signIn(.analyst, desk))
                var seen: [String] = []
                var path: String? = "/api/v1/cases?limit=3"
                var first: String?
                while let current = path, seen.count < 20 {
                    let page = try await analyst.get(current)
                    seen += (page["cases"] as? [[String: Any]] ?? []).compactMap { $0["id"] as? String }
                    path = page.headers[.init("Link")!].flatMap { link in
                        link.firstMatch(of: /^<([^>]+)>; rel="next"$/).map { String($0.output.1) }
                    }
                    first = first ?? path
                }
                #expect(seen.count == 7)
                #expect(Set(seen).count == 7)
                // A place in one list is none in another.
                let moved = try #require(first).replacing("view=open", with: "view=closed")
                #expect(try await analyst.get(moved).problem == "bad-parameter")
                let auditor = desk.with(try await installed.signIn(.auditor, desk))
                let log = try await auditor.get("/api/v1/audit?limit=2")
                #expect((log["entries"] as? [Any])?.count == 2)
                #expect(log.headers[.init("Link")!]?.contains("/api/v1/audit?limit=2&cursor=") == true)
            }
        }
    }
}
