import Identity
import Kernel
import WebSupport

struct PersonView {
    let layout: Layout
    let formToken: String
    let actions: String
    let name: String
    let email: String
    let state: String
    let roles: String
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let waiting: String?
    let isOwn: Bool
    let mayGrant: Bool
    let mayChange: Bool
    let mayManage: Bool
    let rolesError: String?
    let roleChoices: [Choice]

    init(
        _ desk: Desk,
        _ context: DeskContext,
        _ staff: Staff,
        waitsForKey: Bool,
        request: RoleRequest?,
        flash: Bool,
        _ errors: InputErrors
    ) {
        let language = context.language
        let texts = desk.texts(language)
        let messages = FormErrors(errors, texts)
        let principal = context.session.principal
        let isOther = staff.id != principal.id && staff.state != .disabled
        self.layout = desk.shell.layout(
            language,
            path: "equipe/\(staff.id)",
            title: staff.name,
            isPersonal: true,
            navigation: context.navigation
        )
        self.formToken = desk.forms.issue("desk", subject: context.session.subject)
        self.actions = "/\(language)/equipe/\(staff.id)"
        self.name = staff.name
        self.email = staff.email
        self.state = texts.text("desk.staff.state.\(staff.state.rawValue)")
        self.roles = desk.roleNames(staff.roles, language)
        self.flash = flash ? texts.text("desk.staff.done") : nil
        self.hasErrors = !errors.isEmpty
        self.errors = messages.lines
        self.waiting = request.map { texts.text("team.waiting", ["roles": desk.roleNames($0.roles, language)]) }
        self.isOwn = staff.id == principal.id
        self.mayGrant = isOther && waitsForKey && principal.may(.grantKeys)
        self.mayChange = isOther
        self.mayManage = isOther && principal.may(.manageStaff)
        self.rolesError = messages["roles"]
        self.roleChoices = Role.allCases.map {
            Choice(
                id: $0.rawValue,
                label: texts.text("role.\($0.rawValue).name"),
                isChosen: staff.roles.contains($0)
            )
        }
    }
}
