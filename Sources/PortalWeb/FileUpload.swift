import Foundation
import HTTPTypes
import Hummingbird
import Intake
import Kernel
import WebSupport

/// Where a form offers to send files, and what it says about them.
struct FileField {
    /// `nil`: only the refusal is shown, of a file that should never have been sent.
    let hint: String?
    let error: String?
    /// Which file is meant in a second try is the person's to say again: no browser keeps the choice.
    let isAgain: Bool

    /// - Parameter limits: `nil` where no file is taken.
    init?(_ limits: Intake.Files.Limits?, room: Int? = nil, errors: FormErrors, _ texts: Translations) {
        guard limits != nil || errors["files"] != nil else { return nil }
        self.hint = limits.map { limits in
            texts.text(
                "files.hint",
                ["count": String(room ?? limits.count), "size": String(limits.bytes >> 20)]
            )
        }
        self.error = errors["files"]
        self.isAgain = !errors.isEmpty && limits != nil
    }
}

extension Portal {
    /// The name of the field with files in every form that has one.
    static let fileField = "files"

    /// Reads a form that may bring files.
    /// - Parameter check: whether the form is ours; asked before the first file is taken, and in any case at the end.
    /// - Throws: whatever ends the reading; then nothing of the files is kept.
    func form(
        _ request: Request,
        into delivery: FileDelivery,
        check: @escaping @Sendable (FormBody) throws -> Void
    ) async throws -> UploadReader.Form {
        do {
            let form = try await self.uploads.read(request, into: Sink(delivery: delivery, check: check))
            try check(form.fields)
            return form
        } catch {
            await delivery.discard()
            throw error
        }
    }

    /// All that was wrong with a form: its fields and its files.
    func errors(_ errors: InputErrors, with delivery: FileDelivery) async -> InputErrors {
        var all = errors
        for item in await delivery.problems.items where !all.items.contains(item) {
            all.add(item.messageKey, for: item.field, limit: item.limit)
        }
        return all
    }

    /// A page that says what was wrong, with the status that says it to programs.
    static func refusal(_ page: Response, _ errors: InputErrors) -> Response {
        var page = page
        let keys = errors.items.map(\.messageKey)
        if keys.contains("error.file.busy") {
            page.status = .serviceUnavailable
            page.headers[.retryAfter] = "60"
        } else {
            page.status = keys.contains("error.file.too-big") ? .contentTooLarge : .unprocessableContent
        }
        return page
    }

    private struct Sink: FileSink {
        let delivery: FileDelivery
        let check: @Sendable (FormBody) throws -> Void

        func begin(_ name: String, field: String, after fields: FormBody) async throws {
            guard field == Portal.fileField else { throw HTTPError(.badRequest) }
            try self.check(fields)
            await self.delivery.begin(name)
        }

        func append(_ chunk: Data) async throws { try await self.delivery.append(chunk) }
        func end() async throws { try await self.delivery.end() }
    }
}
