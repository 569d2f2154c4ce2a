import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import NIOCore

/// What came back.
struct Answer: @unchecked Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let text: String
    /// The object in the body; empty without one.
    let json: [String: Any]

    subscript(name: String) -> Any? { self.json[name] }

    /// Last part of a problem's type.
    var problem: String? {
        (self.json["type"] as? String).flatMap { $0.split(separator: "/").last.map(String.init) }
    }

    /// Pointers of all faults named.
    var pointers: [String] {
        ((self.json["errors"] as? [[String: Any]]) ?? []).compactMap { $0["pointer"] as? String }
    }
}

/// Calls one listener the way a client of the API does.
struct Caller: Sendable {
    let client: any TestClientProtocol
    var token: String?

    init(client: any TestClientProtocol) { self.client = client }

    func with(_ token: String) -> Caller {
        var caller = self
        caller.token = token
        return caller
    }

    func get(_ path: String, _ headers: HTTPFields = [:]) async throws -> Answer {
        try await self.send(.get, path, nil, headers)
    }

    func post(_ path: String, _ body: [String: Any], _ headers: HTTPFields = [:]) async throws -> Answer {
        let data = try JSONSerialization.data(withJSONObject: body)
        return try await self.send(.post, path, ByteBuffer(bytes: data), headers)
    }

    func send(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ body: ByteBuffer?,
        _ headers: HTTPFields = [:]
    ) async throws -> Answer {
        var fields = headers
        if let token { fields[.authorization] = "Bearer \(token)" }
        if body != nil, fields[.contentType] == nil { fields[.contentType] = "application/json" }
        let response = try await self.client.executeRequest(uri: path, method: method, headers: fields, body: body)
        let bytes = Data(response.body.readableBytesView)
        return Answer(
            status: response.status,
            headers: response.headers,
            text: String(decoding: bytes, as: UTF8.self),
            json: (try? JSONSerialization.jsonObject(with: bytes)) as? [String: Any] ?? [:]
        )
    }
}

let ifMatch = HTTPField.Name.ifMatch
let idempotencyKey = HTTPField.Name("Idempotency-Key")!

extension Caller {
    /// A report by the API; its code.
    func report(_ changes: [String: Any] = [:]) async throws -> (answer: Answer, body: [String: Any]) {
        let token = try await self.post("/api/v1/form-tokens", [:])
        var body: [String: Any] = [
            "form_token": token["form_token"] as? String ?? "", "kind": "other",
            "fields": ["what-happened": "Un colis qui n’existe pas."],
            "items": [["kind": "url", "value": "https://colis.example/suivi"]],
        ]
        body.merge(changes) { $1 }
        return (try await self.post("/api/v1/reports", body), body)
    }
}
