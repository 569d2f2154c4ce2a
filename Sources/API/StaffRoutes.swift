import HTTPTypes
import Hummingbird
import Identity
import Kernel
import WebSupport

/// `/api/v1/staff/sessions`: in with password and second factor, and out.
struct StaffRoutes: Sendable {
    let api: DeskAPI

    var routes: [Route] {
        [.post("staff/sessions", self.signIn), .delete("staff/sessions", self.signOut)]
    }

    private func signIn(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var input = try await Fields.read(request, ["email", "password", "code"])
        let email = input.text("email")
        let password = input.text("password")
        let code = input.text("code")
        try input.finish()
        do {
            let token = try await self.api.identity.signIn(
                email: String((email ?? "").prefix(254)),
                password: password ?? "",
                code: code ?? "",
                network: self.api.shared.network(context)
            )
            return try JSONResponse.make(SessionDocument(token), status: .created)
        } catch is Identity.Refused {
            // One answer for whatever was wrong.
            throw InputErrors("error.sign-in", for: "email")
        }
    }

    private func signOut(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        try await self.api.identity.signOut(try await self.api.session(request))
        return Response(status: .noContent)
    }
}
