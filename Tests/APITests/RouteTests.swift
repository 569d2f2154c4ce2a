import App
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import NIOCore
import StorageTesting
import Testing
import WebSupport

/// What a router really answers to under `/api`, read from the router itself: a list kept beside it could be wrong.
func routes(of router: Router<AppRequestContext>) -> Set<String> {
    func walk(_ node: Any, into found: inout Set<String>) {
        for child in Mirror(reflecting: node).children {
            if child.label == "children", let nodes = child.value as? [Any] {
                for node in nodes { walk(node, into: &found) }
            } else if child.label == "value", let endpoints = Mirror(reflecting: child.value).children.first?.value {
                var path = ""
                var methods: [String] = []
                for part in Mirror(reflecting: endpoints).children {
                    if part.label == "path" { path = "\(part.value)" }
                    guard part.label == "methods" else { continue }
                    for entry in Mirror(reflecting: part.value).children {
                        if let key = Mirror(reflecting: entry.value).children.first?.value { methods.append("\(key)") }
                    }
                }
                for method in methods where path.hasPrefix("/api") { found.insert("\(method) \(path)") }
            }
        }
    }
    var found: Set<String> = []
    for child in Mirror(reflecting: router).children where child.label == "trie" {
        for part in Mirror(reflecting: child.value).children where part.label == "root" {
            walk(part.value, into: &found)
        }
    }
    return Set(found.map { $0.replacing(/:([a-z]+)/) { "{\($0.output.1)}" } })
}

@Suite struct RouteTests {
    private static func described(_ caller: Caller) async throws -> Set<String> {
        let document = try await caller.get("/api/v1/openapi.json")
        #expect(document["openapi"] as? String == "3.1.0")
        var found: Set<String> = []
        for (path, item) in document["paths"] as? [String: [String: Any]] ?? [:] {
            for method in item.keys where ["get", "post", "put", "patch", "delete"].contains(method) {
                found.insert("\(method.uppercased()) \(path)")
            }
        }
        return found
    }

    @Test func `the descriptions name every route that is there, and none that is not`() async throws {
        try await Installed.run(.sqlite) { installed in
            let (portal, desk) = (routes(of: installed.house.portal()), routes(of: installed.house.desk()))
            #expect(portal.count >= 18)
            #expect(desk.count >= 13)
            try await installed.portal { caller in
                let described = try await Self.described(caller)
                #expect(described == portal)
            }
            try await installed.desk { caller in
                let described = try await Self.described(caller)
                #expect(described == desk)
            }
        }
    }

    /// Who may do what: roles that get past the door of an operation.
    private struct Row: Sendable {
        let operation: String
        let allowed: Set<Role>
        var body: [String: String]?
    }

    private static let readers: Set<Role> = [.intake, .analyst, .senior, .legal]
    private static let workers: Set<Role> = [.intake, .analyst, .senior]

    private static let table: [Row] = [
        Row(operation: "GET /api/v1/cases", allowed: readers.union([.childProtection])),
        Row(operation: "GET /api/v1/counts", allowed: readers.union([.childProtection])),
        Row(operation: "GET /api/v1/audit", allowed: [.auditor]),
        Row(operation: "GET /api/v1/cases/{id}", allowed: readers),
        Row(operation: "POST /api/v1/cases/{id}/take", allowed: workers, body: [:]),
        Row(operation: "POST /api/v1/cases/{id}/release", allowed: workers, body: [:]),
        Row(
            operation: "POST /api/v1/cases/{id}/triage",
            allowed: workers,
            body: ["category": "scam", "urgency": "normal"]
        ),
        Row(operation: "POST /api/v1/cases/{id}/replies", allowed: workers, body: ["text": "Bonjour."]),
        Row(operation: "POST /api/v1/cases/{id}/notes", allowed: workers, body: ["text": "Vu."]),
        Row(operation: "POST /api/v1/cases/{id}/transitions", allowed: workers, body: ["event": "start"]),
        Row(
            operation: "POST /api/v1/cases/{id}/assessments",
            allowed: workers,
            body: ["indicator": "00000000-0000-4000-8000-000000000000", "state": "not-actionable"]
        ),
        Row(operation: "DELETE /api/v1/staff/sessions", allowed: Set(Role.allCases)),
    ]
    private static let open: Set<String> = ["GET /api/v1/openapi.json", "POST /api/v1/staff/sessions"]

    @Test(arguments: TestEngine.available)
    func `every role passes the doors of its own operations only, and nobody without a session`(
        engine: TestEngine
    ) async throws {
        try await Installed.run(engine) { installed in
            let known = Set(Self.table.map(\.operation)).union(Self.open)
            #expect(known == routes(of: installed.house.desk()), "a route without a row, or a row without a route")
            try await installed.portal { portal in
                let report = try await portal.report()
                #expect(report.answer.status == .created)
            }
            try await installed.desk { desk in
                let reader = desk.with(try await installed.signIn(.analyst, desk))
                let queue = try await reader.get("/api/v1/cases")
                let first = try #require((queue["cases"] as? [[String: Any]])?.first)
                let id = try #require(first["id"] as? String)
                for role in Role.allCases {
                    let caller = desk.with(try await installed.signIn(role, desk))
                    for row in Self.table {
                        let parts = row.operation.split(separator: " ").map(String.init)
                        let path = parts[1].replacing("{id}", with: id)
                        // A version that never was: nothing changes, and who may not is refused before.
                        let bytes = try row.body.map { try JSONSerialization.data(withJSONObject: $0) }
                        let method = HTTPRequest.Method(parts[0])!
                        let headers: HTTPFields = row.body == nil ? [:] : [ifMatch: "\"77\""]
                        let body = bytes.map { ByteBuffer(bytes: $0) }
                        let answer = try await caller.send(method, path, body, headers)
                        let isRefused = [401, 403, 404].contains(answer.status.code)
                        #expect(
                            isRefused != row.allowed.contains(role),
                            "\(role.rawValue) \(row.operation): \(answer.status.code)"
                        )
                        let stranger = try await desk.send(method, path, body, headers)
                        #expect(stranger.status == .unauthorized, "\(row.operation)")
                        #expect(stranger.headers[.wwwAuthenticate] == "Bearer")
                    }
                }
            }
        }
    }
}
