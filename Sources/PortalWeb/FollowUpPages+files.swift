import Hummingbird
import Intake
import Kernel
import Vault
import WebSupport

extension FollowUpPages {
    /// Files for a report that is already in. The visit is looked up before the body is read: whether files are taken at
    /// all is the report's to say.
    func addFiles(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let visit: ReporterVisit
        let token: SecretToken
        do { (visit, token) = try await self.visit(request) } catch is VisitEnded {
            return .redirect(to: "/\(context.language)/suivi", type: .normal)
        }
        let delivery = try await self.portal.intake.delivery(in: visit)
        let form = try await self.portal.form(request, into: delivery) {
            try self.portal.forms.check($0, request, "visit", subject: token.hash)
        }
        do {
            if form.isBusy { throw InputErrors("error.file.busy", for: Portal.fileField) }
            try await self.portal.intake.add(delivery, formToken: form.fields[FormGuard.field] ?? "", in: visit)
            return .redirect(to: "/\(context.language)/suivi/dossier?ok=file-added", type: .normal)
        } catch let errors as InputErrors {
            await delivery.discard()
            return Portal.refusal(try await self.page(visit, token, context.language, errors: errors), errors)
        } catch let error as DomainError {
            await delivery.discard()
            throw error
        }
    }
}

/// The files of a report as its reporter sees them: that they are there, not what is in them.
struct FollowUpFiles {
    struct Line {
        let name: String
        let text: String
    }

    static let keys = FileSize.keys + ["follow.files.line", "follow.flash.file-added"]

    let lines: [Line]
    let hasLines: Bool
    let field: FileField?
    let action: String
    let isOpen: Bool

    /// - Parameter limits: `nil` where the kind of report takes no files.
    init(
        _ opened: OpenedReport,
        _ limits: Intake.Files.Limits?,
        errors: FormErrors,
        language: Language,
        texts: Translations,
        dates: Dates
    ) {
        self.lines = opened.files.map { file in
            Line(
                name: file.name,
                text: texts.text(
                    "follow.files.line",
                    ["size": FileSize.text(file.size, texts), "day": dates.day(Day(file.at))]
                )
            )
        }
        self.hasLines = !opened.files.isEmpty
        let room = max(0, (limits?.count ?? 0) - opened.files.count)
        self.field = FileField(
            room > 0 && !opened.areFilesLocked ? limits : nil,
            room: room,
            errors: errors,
            texts
        )
        self.action = "/\(language)/suivi/fichier"
        self.isOpen = errors["files"] != nil
    }
}
