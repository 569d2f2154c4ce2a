import App
import Foundation
import HTTPTypes
import Identity
import Storage
import StorageTesting
import Testing

@Suite struct ChangeTests {
    /// An analyst and the path of the one case there is.
    private static func withCase(
        _ engine: TestEngine,
        _ body: @escaping @Sendable (Installed, Caller, String) async throws -> Void
    ) async throws {
        try await Installed.run(engine) { installed in
            try await installed.portal { portal in
                let report = try await portal.report()
                #expect(report.answer.status == .created)
            }
            try await installed.desk { desk in
                let analyst = desk.with(try await installed.signIn(.analyst, desk))
                let queue = try await analyst.get("/api/v1/cases")
                let first = try #require((queue["cases"] as? [[String: Any]])?.first)
                try await body(installed, analyst, "/api/v1/cases/\(try #require(first["id"] as? String))")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a change names the version it was made on, and an older one is refused`(engine: TestEngine) async throws {
        try await Self.withCase(engine) { _, analyst, path in
            let missing = try await analyst.post("\(path)/take", [:])
            #expect((missing.status.code, missing.problem) == (428, "version-required"))
            let any = try await analyst.post("\(path)/take", [:], [ifMatch: "*"])
            #expect(any.status.code == 428)
            for wrong in ["\"2\"", "W/\"1\"", "1", "\"x\"", ""] {
                let stale = try await analyst.post("\(path)/notes", ["text": "Vu."], [ifMatch: wrong])
                #expect((stale.status.code, stale.problem) == (412, "stale-version"), "\(wrong)")
            }
            let done = try await analyst.post("\(path)/notes", ["text": "Vu."], [ifMatch: "\"1\""])
            #expect((done.status.code, done.headers[.eTag]) == (200, "\"2\""))
            #expect(done["version"] as? Int == 2)
            let again = try await analyst.post("\(path)/notes", ["text": "Vu."], [ifMatch: "\"1\""])
            #expect(again.status.code == 412)
            let illegal = try await analyst.post("\(path)/transitions", ["event": "reopen"], [ifMatch: "\"2\""])
            #expect((illegal.status.code, illegal.problem) == (409, "conflict"))
            let opened = try await analyst.get(path)
            #expect((opened["notes"] as? [Any])?.count == 1)
            #expect(opened.headers[.eTag] == "\"2\"")
        }
    }

    @Test(arguments: TestEngine.available)
    func `a change with the same key is made once, and the answer says so`(engine: TestEngine) async throws {
        try await Self.withCase(engine) { installed, analyst, path in
            let headers: HTTPFields = [ifMatch: "\"1\"", idempotencyKey: "key-1"]
            let first = try await analyst.post("\(path)/notes", ["text": "Vu."], headers)
            #expect(first.status == .ok)
            #expect(first.headers[.init("Idempotency-Replayed")!] == nil)
            let second = try await analyst.post("\(path)/notes", ["text": "Vu."], headers)
            #expect(second.status == .ok)
            #expect(second.headers[.init("Idempotency-Replayed")!] == "true")
            #expect(second["version"] as? Int == 2)
            // Refused requests leave the key free.
            let retry: HTTPFields = [ifMatch: "\"1\"", idempotencyKey: "key-2"]
            #expect(try await analyst.post("\(path)/notes", ["text": "Encore."], retry).status.code == 412)
            let current: HTTPFields = [ifMatch: "\"2\"", idempotencyKey: "key-2"]
            #expect(try await analyst.post("\(path)/notes", ["text": "Encore."], current).status == .ok)
            // After a day and a night the key is free again.
            installed.clock.advance(2 * 24 * 3600)
            try await installed.desk { desk in
                let back = desk.with(try await installed.signIn(.analyst, desk))
                #expect(try await back.post("\(path)/notes", ["text": "Vu."], headers).status.code == 412)
                let opened = try await back.get(path)
                #expect((opened["notes"] as? [Any])?.count == 2)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `simultaneous requests with one key make one message; another key or person makes another`(
        engine: TestEngine
    ) async throws {
        try await Installed.run(engine) { installed in
            try await installed.portal { portal in
                var reporters: [Caller] = []
                for _ in 0..<2 {
                    let (receipt, _) = try await portal.report()
                    let code = try #require(receipt["code"])
                    let session = try await portal.post("/api/v1/follow-up/sessions", ["code": code])
                    reporters.append(portal.with(try #require(session["access_token"] as? String)))
                }
                let reporter = reporters[0]
                @Sendable func write(_ key: String) async throws -> Answer {
                    try await reporter.post("/api/v1/follow-up/messages", ["text": "Voilà."], [idempotencyKey: key])
                }
                let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                    for _ in 0..<8 { group.addTask { try await write("one") } }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                let created = answers.filter { $0.status == .created }
                #expect(Set(created.compactMap { $0["id"] as? String }).count == 1)
                #expect(created.count { $0.headers[.init("Idempotency-Replayed")!] == nil } == 1)
                #expect(answers.allSatisfy { $0.status == .created || $0.problem == "in-progress" })
                func count(_ caller: Caller) async throws -> Int {
                    (try await caller.get("/api/v1/follow-up")["messages"] as? [Any])?.count ?? -1
                }
                #expect(try await count(reporter) == 1)
                #expect(try await write("two").status == .created)
                #expect(try await count(reporter) == 2)
                let other = try await reporters[1].post(
                    "/api/v1/follow-up/messages",
                    ["text": "Autre."],
                    [idempotencyKey: "one"]
                )
                #expect(other.status == .created)
                #expect(try await count(reporters[1]) == 1)
                for wrong in ["", "a b", String(repeating: "k", count: 256)] {
                    #expect(try await write(wrong).status == .badRequest)
                }
                let stored = try await installed.house.environment.database.read { tx in
                    try tx.values(String.self, "SELECT resource FROM idempotency")
                }
                #expect(stored.allSatisfy { UUID(uuidString: $0) != nil })
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `nobody sets what an operation does not offer`(engine: TestEngine) async throws {
        try await Self.withCase(engine) { installed, analyst, path in
            for field in ["role", "roles", "state", "unit", "id", "version", "assignee", "assignee_id", "reference"] {
                let note = try await analyst.post("\(path)/notes", ["text": "Vu.", field: "x"], [ifMatch: "\"1\""])
                #expect((note.status.code, note.problem) == (400, "unknown-field"), "\(field)")
                #expect(note.pointers == ["/\(field)"])
                let take = try await analyst.post("\(path)/take", [field: "x"], [ifMatch: "\"1\""])
                #expect(take.problem == "unknown-field", "\(field)")
            }
            try await installed.portal { portal in
                for field in ["role", "state", "unit", "id", "category", "urgency", "reference", "language", "day"] {
                    let (answer, _) = try await portal.report([field: "x"])
                    #expect(answer.problem == "unknown-field", "\(field)")
                    let (inside, _) = try await portal.report(["fields": ["what-happened": "Un colis.", field: "x"]])
                    #expect(inside.problem == "unknown-field", "\(field)")
                    let item: [String: Any] = ["kind": "url", "value": "https://a.example", field: "x"]
                    let (listed, _) = try await portal.report(["items": [item]])
                    #expect(listed.problem == "unknown-field", "\(field)")
                }
            }
            let queue = try await analyst.get("/api/v1/cases")
            #expect((queue["cases"] as? [[String: Any]])?.map { $0["version"] as? Int } == [1])
        }
    }
}
