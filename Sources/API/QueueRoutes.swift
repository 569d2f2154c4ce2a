import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Identity
import Kernel
import Storage
import Vault
import WebSupport

/// `/api/v1/cases`, `/api/v1/counts` and `/api/v1/audit`: lists, page by page.
struct QueueRoutes: Sendable {
    let api: DeskAPI

    var routes: [Route] {
        [
            .get("cases", parameters: ["view", "category", "urgency", "cursor", "limit"], self.queue),
            .get("counts", self.counts),
            .get("audit", parameters: ["cursor", "limit"], self.audit),
        ]
    }

    private func queue(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let access = try await self.api.access(request)
        let parameters = try Parameters(request, ["view", "category", "urgency", "cursor", "limit"])
        let filter = QueueFilter(
            view: try parameters.value("view", QueueFilter.View.init(rawValue:)) ?? .open,
            category: try parameters.value("category") { self.api.categories.contains($0) ? $0 : nil },
            urgency: try parameters.value("urgency") { CaseDocument.urgencies[$0] }
        )
        let limit = try parameters.limit()
        let query =
            "view=\(filter.view.rawValue)" + (filter.category.map { "&category=\($0)" } ?? "")
            + (filter.urgency.map { "&urgency=\(CaseDocument.name(of: $0))" } ?? "")
        let cursor = try parameters.value("cursor") { self.opened($0, "cases?\(query)") }
        let page = try await self.api.casework.queue(filter, after: cursor, limit: limit, for: access)
        let names = try await self.api.identity.names(of: Set(page.cases.compactMap(\.assigneeId)))
        let cases = page.cases.map { CaseDocument($0, names, self.api) }
        return try self.page(["cases": cases], "cases", query, limit, next: page.next)
    }

    private func counts(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let counts = try await self.api.casework.counts(for: try await self.api.access(request))
        return try JSONResponse.make(
            CountsDocument(
                byView: Dictionary(uniqueKeysWithValues: counts.byView.map { ($0.key.rawValue, $0.value) }),
                countedUpTo: QueueCounts.most
            )
        )
    }

    private func audit(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.api.session(request).principal.require(.readAudit)
        let parameters = try Parameters(request, ["cursor", "limit"])
        let limit = try parameters.limit()
        let before = try parameters.value("cursor") { self.opened($0, "audit?").flatMap { Int($0) } } ?? Int.max
        let entries = try await self.api.database.read { tx in
            try AuditLog.entries(tx, before: before, limit: limit + 1)
        }
        let shown = entries.prefix(limit)
        return try self.page(
            ["entries": shown.map(AuditDocument.init)],
            "audit",
            "",
            limit,
            next: entries.count > limit ? shown.last.map { String($0.seq) } : nil
        )
    }

    /// A list with the link to the next page of the same list.
    private func page(
        _ list: some Encodable,
        _ path: String,
        _ query: String,
        _ limit: Int,
        next: String?
    ) throws -> Response {
        var headers: HTTPFields = [:]
        if let next {
            let sealed = try self.api.cursors.seal(
                Data("\(path)?\(query)\n\(next)".utf8),
                now: self.api.shared.clock.now()
            )
            let prefix = query.isEmpty ? "" : "\(query)&"
            headers[.link] = "</api/v1/\(path)?\(prefix)limit=\(limit)&cursor=\(sealed)>; rel=\"next\""
        }
        return try JSONResponse.make(list, headers: headers)
    }

    /// - Returns: the place in the list; `nil` for what is none of ours or belongs to another list.
    private func opened(_ cursor: String, _ list: String) -> String? {
        guard let data = try? self.api.cursors.open(cursor, now: self.api.shared.clock.now()) else { return nil }
        let parts = String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
        return parts.count == 2 && parts[0] == list ? parts[1] : nil
    }
}

private struct CountsDocument: Encodable {
    let byView: [String: Int]
    /// A larger number means only: more than this.
    let countedUpTo: Int
}

private struct AuditDocument: Encodable {
    let seq: Int
    let day: String
    let actor: String
    let action: String
    let subject: String
    let detail: [String: String]
    let hash: String

    init(_ entry: AuditLog.Entry) {
        self.seq = entry.seq
        self.day = entry.day
        self.actor = entry.actor
        self.action = entry.action
        self.subject = entry.subject
        self.detail = entry.details
        self.hash = entry.hash
    }
}
