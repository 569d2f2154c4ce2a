import Casework
import Country
import Foundation
import Identity
import Indicators
import Intake
import Kernel
import WebSupport

/// A case as the page shows it. Everything a stranger wrote is shown as text, and addresses in a form that opens nothing.
struct CaseView {
    struct AnswerLine {
        let label: String
        let values: [String]
    }

    struct ItemRow {
        let id: String
        let kind: String
        let value: String
        let related: [Related]
        let hasRelated: Bool
        let state: String
        let grade: String
        let offered: [Choice]
    }

    struct Related {
        let href: String
        let reference: String
    }

    struct Message {
        let side: String
        let label: String
        let who: String
        let machineTime: String
        let time: String
        let paragraphs: [String]
    }

    let layout: Layout
    let reference: String
    let title: String
    let level: Int
    let urgency: String
    let isUrgent: Bool
    let deadline: String
    let isLate: Bool
    let category: String
    let identity: String
    let language: String
    let state: String
    let received: String
    let lockedBy: String?
    let canTake: Bool
    let canRelease: Bool
    let canWork: Bool
    let canReply: Bool
    let canAsk: Bool
    let answers: [AnswerLine]
    let hasItems: Bool
    let items: [ItemRow]
    let grades: [Choice]
    let files: CaseFilesView
    let messages: [Message]
    let categories: [Choice]
    let urgencies: [Choice]
    let hasMoves: Bool
    let moves: [Choice]
    let history: [String]
    let actions: String
    let formToken: String
    let version: Int
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let textError: String?
    let replyHint: String
    let templates: [Choice]
    let path: String
    let draft: String
    let hold: HoldView

    init(
        _ opened: OpenedCase,
        desk: Desk,
        context: DeskContext,
        names: [Identifier<Principal>: String],
        flash: Bool,
        errors: InputErrors,
        draft: String,
        hold: (kept: CaseHold?, draft: HoldView.Draft)
    ) {
        let language = context.language
        let texts = desk.texts(language)
        let dates = desk.dates(language)
        let file = opened.file
        let me = context.session.principal
        let now = desk.clock.now()
        let lock = file.lockedBy(otherThan: me.id, at: now)
        let mayWork = me.may(.workCases) && lock == nil
        let profile = desk.country.profile
        let deadlines = Deadlines(
            receivedDay: file.receivedDay,
            acknowledgedDay: file.acknowledgedDay,
            acknowledgeDays: profile.acknowledgeDays,
            feedbackMonths: profile.feedbackMonths
        )
        let due = file.acknowledgedDay == nil ? deadlines.acknowledgement : deadlines.feedback
        let messages = FormErrors(errors, texts)
        let questionnaire = desk.questionnaires[file.kind]?.questionnaire

        self.layout = desk.shell.layout(
            language,
            path: "dossiers/\(file.reportId)",
            title: file.reference,
            isPersonal: true,
            navigation: context.navigation
        )
        self.reference = file.reference
        self.title = questionnaire?.title.text(language) ?? file.kind
        self.level = file.urgency.rawValue + 1
        self.urgency = texts.text("case.urgency.\(file.urgency.rawValue)")
        self.isUrgent = file.urgency == .imminentDanger && file.state.isOpen
        self.deadline =
            file.state.isOpen
            ? texts.text("desk.case.due", ["day": dates.day(due)])
            : file.closingReason.map { texts.text("case.reason.\($0.rawValue)") } ?? ""
        self.isLate = file.state.isOpen && due < desk.clock.today()
        self.category = texts.text("category.\(file.category)")
        self.identity = texts.text("identity.\(file.identity.rawValue).title")
        self.language = file.language.rawValue
        self.state = texts.text("case.state.\(file.state.rawValue)")
        self.received = dates.day(file.receivedDay)
        self.lockedBy = lock.map { texts.text("desk.case.locked-by", ["name": names[$0] ?? "?"]) }
        self.canTake = mayWork && file.state.isOpen && file.assigneeId != me.id
        self.canRelease = mayWork && file.assigneeId == me.id
        self.canWork = mayWork && file.state.isOpen
        self.canReply = mayWork && file.state.isOpen
        self.canAsk = file.state == .inProgress
        self.answers = Self.answers(opened.opened, questionnaire, desk.helpInWords, language, texts)
        let grades = desk.taxonomy.map { Choice(id: $0.id, label: $0.label, isChosen: false) }
        self.grades = grades
        self.items = opened.opened.items.map { item in
            let assessment = opened.assessments[item.id]
            let itemState = assessment?.state ?? .unassessed
            let related = (opened.related[item.id] ?? []).map {
                Related(href: "/\(language)/dossiers/\($0.reportId)", reference: $0.reference)
            }
            return ItemRow(
                id: "\(item.id)",
                kind: texts.text("item.\(item.indicator.kind.rawValue)"),
                value: item.indicator.defanged,
                related: related,
                hasRelated: !related.isEmpty,
                state: texts.text("case.item.\(itemState.rawValue)"),
                grade: assessment?.grade ?? "",
                offered: itemState.offered.map {
                    Choice(id: $0.rawValue, label: texts.text("case.item.\($0.rawValue)"), isChosen: false)
                }
            )
        }
        self.hasItems = !opened.opened.items.isEmpty
        self.files = CaseFilesView(opened, language, texts, dates)
        self.messages = Self.messages(opened, names, texts, dates)
        self.categories = Desk.categories.map {
            Choice(id: $0, label: texts.text("category.\($0)"), isChosen: $0 == file.category)
        }
        self.urgencies = Urgency.allCases.reversed().map {
            Choice(
                id: String($0.rawValue),
                label: texts.text("case.urgency.\($0.rawValue)"),
                isChosen: $0 == file.urgency
            )
        }
        self.moves =
            !mayWork
            ? []
            : file.state.offered.filter { $0 != .triage }.map { event in
                if case .close(let reason) = event {
                    return Choice(
                        id: event.code,
                        label: "\(texts.text("case.event.close")) \(texts.text("case.reason.\(reason.rawValue)"))",
                        isChosen: false
                    )
                }
                return Choice(id: event.code, label: texts.text("case.event.\(event.code)"), isChosen: false)
            }
        self.hasMoves = !self.moves.isEmpty
        self.history = opened.transitions.map { transition in
            let who = Identifier<Principal>(transition.actor).flatMap { names[$0] } ?? texts.text("desk.case.reporter")
            let reason = transition.reason.map { " (\(texts.text("case.reason.\($0)")))" } ?? ""
            return
                "\(dates.day(transition.day)): \(texts.text("case.state.\(transition.toState.rawValue)"))\(reason), \(who)"
        }
        self.actions = "/\(language)/dossiers/\(file.reportId)"
        self.formToken = desk.forms.issue("desk", subject: context.session.subject)
        self.version = file.version
        self.flash = flash ? texts.text("desk.case.saved") : nil
        self.hasErrors = !errors.isEmpty
        self.errors = messages.lines
        self.textError = messages["text"] ?? messages["note"]
        self.replyHint = texts.text("desk.case.reply-hint", ["language": file.language.ownName])
        self.draft = draft
        self.path = "/\(language)/dossiers/\(file.reportId)"
        self.templates = desk.replies.filter { $0.suits(file.category) }.map {
            Choice(id: $0.id, label: $0.title.text(language), isChosen: false)
        }
        self.hold = HoldView(
            hold.kept,
            file,
            days: desk.retentionDays,
            mayDecide: me.may(.holdCases) && lock == nil,
            draft: hold.draft,
            messages: messages,
            texts: texts,
            dates: dates
        )
    }

    private static func answers(
        _ opened: OpenedReport,
        _ questionnaire: Questionnaire?,
        _ inWords: Desk.HelpInWords,
        _ language: Language,
        _ texts: Translations
    ) -> [AnswerLine] {
        var lines: [AnswerLine] = []
        for entry in opened.entries {
            switch entry.body {
            case .answers(let answers):
                for field in questionnaire?.fields ?? [] {
                    guard let values = answers.answers[field.id] else { continue }
                    let shown = values.map { value in
                        field.options.first { $0.id == value }?.text.text(language) ?? value
                    }
                    lines.append(AnswerLine(label: field.label.text(language), values: shown.flatMap(Self.paragraphs)))
                }
                if let name = answers.name {
                    lines.append(AnswerLine(label: texts.text("desk.case.name"), values: [name]))
                }
                if let contact = answers.contact {
                    lines.append(AnswerLine(label: texts.text("desk.case.contact"), values: [contact]))
                }
                let way = inWords(answers.help, language).map { "\($0.question) \($0.answers.joined(separator: ", "))" }
                if !way.isEmpty { lines.append(AnswerLine(label: texts.text("desk.case.help"), values: way)) }
            case .identity(let name, let contact):
                if let name { lines.append(AnswerLine(label: texts.text("desk.case.name"), values: [name])) }
                if let contact { lines.append(AnswerLine(label: texts.text("desk.case.contact"), values: [contact])) }
            case .message, .status, .receipt: break
            }
        }
        return lines
    }

    private static func messages(
        _ opened: OpenedCase,
        _ names: [Identifier<Principal>: String],
        _ texts: Translations,
        _ dates: Dates
    ) -> [Message] {
        var messages: [(at: Date, message: Message)] = []
        for entry in opened.opened.entries {
            guard case .message(let text) = entry.body else { continue }
            let who = texts.text(entry.author == .reporter ? "desk.case.reporter" : "desk.case.desk")
            messages.append(
                (entry.at, Self.message(entry.author == .reporter ? "you" : "us", who, entry.at, text, dates))
            )
        }
        for note in opened.notes {
            let name = Identifier<Principal>(note.actor).flatMap { names[$0] } ?? "?"
            messages.append(
                (
                    note.at,
                    Self.message("in", texts.text("desk.case.note-by", ["name": name]), note.at, note.text, dates)
                )
            )
        }
        return messages.sorted { $0.at < $1.at }.map(\.message)
    }

    private static func message(_ side: String, _ who: String, _ at: Date, _ text: String, _ dates: Dates) -> Message {
        let time = dates.moment(at)
        return Message(
            side: side,
            label: "\(who), \(time)",
            who: who,
            machineTime: at.ISO8601Format(),
            time: time,
            paragraphs: Self.paragraphs(text)
        )
    }

    private static func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.trimmed.isEmpty }
    }
}
