import Casework
import Documents
import HTTPTypes
import Hummingbird
import Identity
import Kernel
import NIOCore
import WebSupport

/// What is done with many cases of the queue at once: taking them, and taking the list out.
struct BulkPages: Sendable {
    let desk: Desk

    static let pluralKeys = ["desk.queue.sure", "desk.queue.taken", "desk.queue.refused"]

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("dossiers/export", use: self.export)
        group.post("dossiers/lot", use: self.takeMany)
    }

    private func access(_ context: DeskContext) async throws -> DeskAccess {
        DeskAccess(
            principal: context.session.principal,
            unitKeys: try await self.desk.identity.unitKeys(context.session)
        )
    }

    /// First restates what was chosen, then does it.
    private func takeMany(_ request: Request, _ context: DeskContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.desk.forms.check(form, request, "desk", subject: context.session.subject, isStaff: true)
        let chosen = form.all("case").compactMap(SeenCase.init)
        let back = "/\(context.language)/dossiers"
        guard !chosen.isEmpty, chosen.count <= Casework.mostAtOnce else { return .redirect(to: back, type: .normal) }
        let access = try await self.access(context)
        if form["sure"] == "yes" {
            let result = try await self.desk.casework.take(chosen, for: access)
            let query = "?pris=\(result.done)&refus=\(result.refused.count)"
            return .redirect(to: back + query, type: .normal)
        }
        let versions = Dictionary(chosen.map { ($0.id, $0) }) { first, _ in first }
        let files = try await self.desk.casework.files(chosen.map(\.id), for: access)
        let texts = self.desk.texts(context.language)
        let question = texts.plural("desk.queue.sure", files.count)
        let page = ConfirmPage(
            layout: self.desk.shell.layout(
                context.language,
                path: "dossiers",
                title: question,
                isPersonal: true,
                navigation: context.navigation
            ),
            question: question,
            cases: files.compactMap { file in
                versions[file.reportId].map { seen in
                    ConfirmPage.Row(
                        reference: file.reference,
                        category: texts.text("category.\(file.category)"),
                        state: texts.text("case.state.\(file.state.rawValue)"),
                        seen: seen.text
                    )
                }
            },
            action: "\(back)/lot",
            back: back,
            formToken: self.desk.forms.issue("desk", subject: context.session.subject)
        )
        return try self.desk.pages.render("desk.bulk", page, context.language)
    }

    /// What the queue says after cases were taken.
    static func flash(_ request: Request, _ texts: Translations) -> (text: String, kind: String)? {
        guard let taken = request.query("pris").flatMap({ Int($0) }),
            let refused = request.query("refus").flatMap({ Int($0) }), (0...1000).contains(taken),
            (0...1000).contains(refused)
        else { return nil }
        let text = texts.plural("desk.queue.taken", taken)
        return refused == 0 ? (text, "ok") : ("\(text) \(texts.plural("desk.queue.refused", refused))", "warn")
    }

    /// Comma-separated, with nothing in it that is not on the list: no content of any report.
    private func export(_ request: Request, _ context: DeskContext) async throws -> Response {
        let files = try await self.desk.casework.export(QueueFilter(request), for: self.access(context))
        let texts = self.desk.texts(context.language)
        var text = CSV.line(
            ["desk.reference", "desk.urgency", "desk.category", "desk.state", "desk.language", "desk.received"].map {
                texts.text($0)
            }
        )
        for file in files {
            text += CSV.line([
                file.reference,
                texts.text("case.urgency.\(file.urgency.rawValue)"),
                texts.text("category.\(file.category)"),
                texts.text("case.state.\(file.state.rawValue)"),
                file.language.rawValue,
                file.receivedDay.rawValue,
            ])
        }
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8",
                .contentDisposition: "attachment; filename=\"dossiers.csv\"",
                .cacheControl: "no-store",
            ],
            // The mark tells spreadsheets that it is UTF-8.
            body: .init(byteBuffer: ByteBuffer(string: "\u{feff}" + text))
        )
    }
}

private struct ConfirmPage {
    let layout: Layout
    let question: String
    let cases: [Row]
    let action: String
    let back: String
    let formToken: String

    struct Row {
        let reference: String
        let category: String
        let state: String
        let seen: String
    }
}
