import Hummingbird
import Identity
import Kernel
import Vault
import WebSupport

/// `/{language}/equipe/ID`: one colleague's roles, keys and account; and `/demandes/ID`, what a second person decides.
struct PersonPages: Sendable {
    let desk: Desk

    func addRoutes(to group: RouterGroup<DeskContext>) {
        group.get("equipe/:id") { request, context in
            try await self.page(try self.id(context), context, flash: request.query("ok") != nil)
        }
        group.post("equipe/:id/cles") { request, context in
            try await self.change(request, context) { id, _ in
                try await self.desk.identity.grantKeys(to: id, by: context.session)
            }
        }
        group.post("equipe/:id/roles") { request, context in
            try await self.change(request, context, ["roles"]) { id, form in
                _ = try await self.desk.identity.changeRoles(of: id, to: form.all("roles"), by: context.session)
            }
        }
        group.post("equipe/:id/fin") { request, context in
            try await self.change(request, context, ["sure"]) { id, form in
                guard form["sure"] == "yes" else { throw InputErrors("error.sure", for: "actions") }
                try await self.desk.identity.disable(id, by: context.session)
            }
        }
        group.post("equipe/:id/lien", use: self.reissue)
        group.post("demandes/:id", use: self.decide)
    }

    private func id<Entity>(_ context: DeskContext) throws -> Identifier<Entity> {
        guard let id = context.parameters.get("id").flatMap(Identifier<Entity>.init(_:)) else {
            throw DomainError.notFound
        }
        return id
    }

    private func page(
        _ id: Identifier<Principal>,
        _ context: DeskContext,
        flash: Bool = false,
        _ errors: InputErrors = InputErrors()
    ) async throws -> Response {
        let (all, waiting) = try await self.desk.identity.staff(for: context.session)
        guard let staff = all.first(where: { $0.id == id }) else { throw DomainError.notFound }
        let requests = try await self.desk.identity.roleRequests(for: context.session)
        let view = PersonView(
            self.desk,
            context,
            staff,
            waitsForKey: waiting.contains { $0.staff.id == id },
            request: requests.first { $0.staffId == id },
            flash: flash,
            errors
        )
        return try self.desk.pages.render(
            "desk.person",
            view,
            context.language,
            status: errors.isEmpty ? .ok : .unprocessableContent
        )
    }

    private func change(
        _ request: Request,
        _ context: DeskContext,
        _ names: Set<String> = [],
        _ body: (Identifier<Principal>, FormBody) async throws -> Void
    ) async throws -> Response {
        let id: Identifier<Principal> = try self.id(context)
        let form = try await self.desk.form(request, context, names)
        do {
            try await body(id, form)
            return .redirect(to: "/\(context.language)/equipe/\(id)?ok=1", type: .normal)
        } catch {
            guard let errors = error as? InputErrors ?? Desk.refusal(error) else { throw error }
            return try await self.page(id, context, errors)
        }
    }

    private func reissue(_ request: Request, _ context: DeskContext) async throws -> Response {
        let id: Identifier<Principal> = try self.id(context)
        let form = try await self.desk.form(request, context, ["sure"])
        do {
            guard form["sure"] == "yes" else { throw InputErrors("error.sure", for: "actions") }
            let token = try await self.desk.identity.reissue(id, by: context.session)
            return try self.desk.link(token, context, waits: [])
        } catch {
            guard let errors = error as? InputErrors ?? Desk.refusal(error) else { throw error }
            return try await self.page(id, context, errors)
        }
    }

    private func decide(_ request: Request, _ context: DeskContext) async throws -> Response {
        let id: Identifier<RoleRequest> = try self.id(context)
        let form = try await self.desk.form(request, context, ["decision"])
        guard let decision = form["decision"].flatMap(RoleRequest.Decision.init(rawValue:)) else {
            throw HTTPError(.badRequest)
        }
        do {
            try await self.desk.identity.decide(id, decision, by: context.session)
            return .redirect(to: "/\(context.language)/equipe?ok=1", type: .normal)
        } catch {
            guard let errors = Desk.refusal(error) else { throw error }
            return try await StaffPages(desk: self.desk).page(context, errors: errors)
        }
    }
}
