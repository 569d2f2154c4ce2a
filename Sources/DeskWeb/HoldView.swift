import Casework
import Kernel
import WebSupport

/// How long a case is kept, on its page; for whoever may decide it, the form.
struct HoldView {
    /// What was typed, when it is shown again.
    struct Draft {
        var authority = ""
        var reason = ""
    }

    static let keys = ["none", "due", "held"].map { "desk.hold.\($0)" }

    let status: String
    let reason: String?
    let isHeld: Bool
    let mayHold: Bool
    let mayEnd: Bool
    let authority: String
    let reasonDraft: String
    let authorityError: String?
    let reasonError: String?

    init(
        _ hold: CaseHold?,
        _ file: CaseFile,
        days: Int,
        mayDecide: Bool,
        draft: Draft,
        messages: FormErrors,
        texts: Translations,
        dates: Dates
    ) {
        if let hold {
            self.status = texts.text("desk.hold.held", ["day": dates.day(hold.day), "authority": hold.authority])
        } else if let closed = file.closedDay {
            self.status = texts.text(
                "desk.hold.due",
                ["closed": dates.day(closed), "day": dates.day(closed + days)]
            )
        } else {
            self.status = texts.text("desk.hold.none", ["days": String(days)])
        }
        self.reason = hold?.reason
        self.isHeld = hold != nil
        self.mayHold = mayDecide && hold == nil
        self.mayEnd = mayDecide && hold != nil
        self.authority = draft.authority
        self.reasonDraft = draft.reason
        self.authorityError = messages["authority"]
        self.reasonError = messages["reason"]
    }
}
