import HTTPTypes
import Hummingbird
import Kernel
import WebSupport

/// A form that arrives after its session ended: nothing is done with it, and what was typed is given back to be kept
/// while the person signs in again in another tab.
struct ExpiredSession: Sendable {
    let pages: PageRenderer
    let shell: Shell

    private struct Page {
        let layout: Layout
        let text: String
    }

    /// - Returns: `nil` when nothing worth keeping was typed.
    func response(to request: Request, _ context: AppRequestContext) async throws -> Response? {
        guard request.method == .post, let form = try? await FormBody.read(request), let text = form["text"],
            !text.trimmed.isEmpty
        else { return nil }
        let title = self.pages.texts(context.language).text("desk.expired.title")
        let page = Page(
            layout: self.shell.layout(
                context.language,
                path: "connexion",
                title: title,
                isPersonal: true,
                navigation: []
            ),
            text: text
        )
        return try self.pages.render("desk.expired", page, context.language, status: .unauthorized)
    }
}
