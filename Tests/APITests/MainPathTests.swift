import Foundation
import HTTPTypes
import Identity
import StorageTesting
import Testing

@Suite struct MainPathTests {
    @Test(arguments: TestEngine.available)
    func `a person finds out, reports, is answered and reads it, by the API alone`(engine: TestEngine) async throws {
        try await Installed.run(engine) { installed in
            try await installed.portal { portal in
                var step = try await portal.get("/api/v1/diagnosis", [.acceptLanguage: "en"])
                #expect(step.headers[.contentLanguage] == "en")
                var rounds = 0
                while let question = step["question"] as? [String: Any], rounds < 20 {
                    rounds += 1
                    let options = try #require(question["options"] as? [[String: Any]])
                    let chosen = question["kind"] as? String == "single" ? [try #require(options.first?["id"])] : []
                    step = try await portal.post(
                        "/api/v1/diagnosis",
                        [
                            "state": try #require(step["state"]), "question": try #require(question["id"]),
                            "answer": chosen,
                        ]
                    )
                    #expect(step.status == .ok)
                }
                let outcome = try #require(step["outcome"] as? [String: Any])
                #expect((outcome["steps"] as? [Any] ?? []).count >= 4)
                #expect(!(outcome["contacts"] as? [Any] ?? []).isEmpty)

                let (receipt, body) = try await portal.report(["diagnosis_state": try #require(step["state"])])
                #expect(receipt.status == .created)
                let code = try #require(receipt["code"] as? String)
                #expect(code.count == 26)
                #expect(!receipt.headers.contains { $0.value.contains(code) })
                let again = try await portal.post("/api/v1/reports", body)
                #expect(again.status == .ok)
                #expect(again["code"] as? String == code)
                #expect(again["reference"] as? String == receipt["reference"] as? String)
                let proof = try #require(receipt["receipt"])
                let verdict = try await portal.post("/api/v1/receipts/verify", ["receipt": proof])
                #expect(verdict["is_genuine"] as? Bool == true)
                #expect(verdict["reference"] as? String == receipt["reference"] as? String)

                try await Self.work(installed, reference: try #require(receipt["reference"] as? String))

                let session = try await portal.post("/api/v1/follow-up/sessions", ["code": code])
                #expect(session.status == .created)
                let reporter = portal.with(try #require(session["access_token"] as? String))
                let followUp = try await reporter.get("/api/v1/follow-up")
                #expect((followUp["report"] as? [String: Any])?["state"] as? String == "awaiting-reporter")
                #expect((followUp["messages"] as? [[String: Any]])?.last?["text"] as? String == "Avez-vous payé ?")
                let states = (followUp["timeline"] as? [[String: Any]])?.compactMap { $0["state"] as? String }
                #expect(states == ["received", "triaged", "in-progress", "awaiting-reporter"])
                #expect(try await reporter.post("/api/v1/follow-up/messages", ["text": "Non."]).status == .created)
                let item: [String: Any] = ["kind": "phone", "value": "06 12 34 56 78"]
                #expect(try await reporter.post("/api/v1/follow-up/items", item).status == .created)
                let identity: [String: Any] = ["contact": "moi@example.com"]
                #expect(try await reporter.post("/api/v1/follow-up/identity", identity).status == .created)
                #expect(try await reporter.post("/api/v1/follow-up/withdrawal", [:]).status == .unprocessableContent)
                let withdrawn = try await reporter.post("/api/v1/follow-up/withdrawal", ["confirm": true])
                #expect(withdrawn.status == .created)
                let end = try await reporter.get("/api/v1/follow-up")
                #expect((end["report"] as? [String: Any])?["state"] as? String == "withdrawn")
                #expect((end["items"] as? [Any])?.count == 2)
                #expect(try await reporter.send(.delete, "/api/v1/follow-up/sessions", nil).status == .noContent)
                #expect(try await reporter.get("/api/v1/follow-up").status == .unauthorized)
            }
        }
    }

    /// The desk's part: found in the queue, taken, triaged, classified, started, asked.
    private static func work(_ installed: Installed, reference: String) async throws {
        try await installed.desk { desk in
            let analyst = desk.with(try await installed.signIn(.analyst, desk))
            let queue = try await analyst.get("/api/v1/cases?view=unread&limit=10")
            let found = try #require(queue["cases"] as? [[String: Any]])
            #expect(found.map { $0["reference"] as? String } == [reference])
            let id = try #require(found.first?["id"] as? String)
            let path = "/api/v1/cases/\(id)"
            let opened = try await analyst.get(path)
            #expect(opened.headers[.eTag] == "\"1\"")
            let indicators = try #require(opened["indicators"] as? [[String: Any]])
            #expect(indicators.first?["defanged"] as? String == "hxxps[:]//colis[.]example/suivi")
            let indicator = try #require(indicators.first?["id"] as? String)
            var etag = try #require(opened.headers[.eTag])
            func change(_ action: String, _ body: [String: Any]) async throws -> Answer {
                let answer = try await analyst.post("\(path)/\(action)", body, [ifMatch: etag])
                #expect(answer.status == .ok, "\(action): \(answer.text)")
                etag = answer.headers[.eTag] ?? etag
                return answer
            }
            let taken = try await change("take", [:])
            #expect((taken["assignee"] as? [String: Any])?["name"] as? String == "Test analyst")
            _ = try await change("triage", ["category": "scam", "urgency": "high"])
            _ = try await change("notes", ["text": "Vu hier aussi."])
            _ = try await change(
                "assessments",
                [
                    "indicator": indicator, "state": "assessed",
                    "classification": "information-gathering:social-engineering",
                ]
            )
            _ = try await change("transitions", ["event": "start"])
            let asked = try await change("replies", ["text": "Avez-vous payé ?", "asking": true])
            #expect(asked["state"] as? String == "awaiting-reporter")
            let counts = try await analyst.get("/api/v1/counts")
            #expect((counts["by_view"] as? [String: Int])?["open"] == 1)
            #expect((counts["by_view"] as? [String: Int])?["mine"] == 1)
            #expect(try await analyst.send(.delete, "/api/v1/staff/sessions", nil).status == .noContent)
            #expect(try await analyst.get(path).status == .unauthorized)
        }
    }
}
