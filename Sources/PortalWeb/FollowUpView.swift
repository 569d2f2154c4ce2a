import Country
import Foundation
import Indicators
import Intake
import Kernel
import WebSupport

/// A report as its reporter sees it: where it stands in plain words, what was said, what can still be done.
struct FollowUpView {
    struct Draft {
        var text = ""
        var item = ""
        var openIdentity = false
        var address = ""
    }

    struct Message {
        let side: String
        let label: String
        let who: String
        let machineTime: String
        let time: String
        let paragraphs: [String]
    }

    struct Step {
        let state: String
        let isNow: Bool
        let title: String
        let machineTime: String
        let time: String?
        let text: String?
    }

    struct ItemLine {
        let kind: String
        let value: String
    }

    struct ItemKind {
        let id: String
        let label: String
    }

    struct Actions {
        let message: String
        let items: String
        let identity: String
        let withdraw: String
        let leave: String
    }

    static let states = ["received", "triaged", "in-progress", "awaiting-reporter", "closed", "withdrawn"]
    static let reasons = [
        "handled", "referred", "not-illegal", "insufficient-data", "duplicate", "withdrawn", "out-of-scope", "abusive",
    ]

    static let keys =
        FollowUpFiles.keys + Self.states.flatMap { ["follow.state.\($0).headline", "follow.state.\($0).step"] }
        + Self.reasons.map { "follow.reason.\($0)" }
        + ["received", "triaged", "in-progress", "awaiting-reporter", "closed"].map { "follow.next.\($0)" }
        + [
            "follow.you", "follow.us", "follow.step.answer", "follow.step.close", "follow.identity-given",
            "follow.message-label",
        ]

    let layout: Layout
    let reference: String
    let headline: String
    let next: String
    let messages: [Message]
    let timeline: [Step]
    let hasItems: Bool
    let items: [ItemLine]
    let takesItems: Bool
    let itemKinds: [ItemKind]
    let files: FollowUpFiles
    let isOpen: Bool
    let isAnonymous: Bool
    let openItems: Bool
    let openIdentity: Bool
    let actions: Actions
    let formToken: String
    let flash: String?
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let error: String?
    let itemError: String?
    let contactError: String?
    let draft: String
    let itemDraft: String
    var news: FollowUpPages.News?

    init(
        layout: Layout,
        opened: OpenedReport,
        items kinds: [Indicator.Kind],
        fileLimits: Intake.Files.Limits?,
        language: Language,
        texts: Translations,
        dates: Dates,
        profile: CountryProfile,
        formToken: String,
        flash: String?,
        errors: FormErrors,
        draft: Draft
    ) {
        let history = History(opened)
        self.layout = layout
        self.reference = opened.report.reference
        self.headline = texts.text("follow.state.\(history.state).headline")
        let deadline = opened.report.day + min(profile.acknowledgeDays, 7)
        let reason = history.reason.map { texts.text("follow.reason.\($0)") } ?? ""
        let key = history.state == "withdrawn" ? "closed" : history.state
        self.next = texts.text("follow.next.\(key)", ["day": dates.day(deadline), "reason": reason])
        self.messages = history.messages.map { entry, text in
            let mine = entry.author == .reporter
            let who = texts.text(mine ? "follow.you" : "follow.us")
            let time = dates.moment(entry.at)
            return Message(
                side: mine ? "you" : "us",
                label: texts.text("follow.message-label", ["who": who, "time": time]),
                who: who,
                machineTime: entry.at.ISO8601Format(),
                time: time,
                paragraphs: text ?? [texts.text("follow.identity-given")]
            )
        }
        self.timeline = Self.timeline(history, texts, dates)
        self.items = opened.items.map {
            ItemLine(kind: texts.text("item.\($0.indicator.kind.rawValue)"), value: $0.indicator.written)
        }
        self.hasItems = !opened.items.isEmpty
        self.takesItems = !kinds.isEmpty
        self.itemKinds = kinds.map { ItemKind(id: $0.rawValue, label: texts.text("item.\($0.rawValue)")) }
        self.files = FollowUpFiles(
            opened,
            fileLimits,
            errors: errors,
            language: language,
            texts: texts,
            dates: dates
        )
        self.isOpen = history.isOpen
        self.isAnonymous = opened.report.identity == .anonymous && !history.hasRevealed
        let prefix = "/\(language)/suivi"
        self.actions = Actions(
            message: "\(prefix)/message",
            items: "\(prefix)/adresse",
            identity: "\(prefix)/identite",
            withdraw: "\(prefix)/retrait",
            leave: "\(prefix)/sortie"
        )
        self.formToken = formToken
        self.flash = flash
        self.hasErrors = !errors.isEmpty
        self.errors = errors.lines
        self.error = errors["text"]
        self.itemError = errors["item"]
        self.contactError = errors["rcontact"]
        self.openItems = errors["item"] != nil
        self.openIdentity = draft.openIdentity
        self.draft = draft.text
        self.itemDraft = draft.item
    }

    private static func timeline(_ history: History, _ texts: Translations, _ dates: Dates) -> [Step] {
        var steps = history.steps.enumerated().map { index, step in
            let isLast = index == history.steps.count - 1
            return Step(
                state: isLast ? "now" : "done",
                isNow: isLast,
                title: texts.text("follow.state.\(step.state).step"),
                machineTime: step.at.ISO8601Format(),
                time: dates.moment(step.at),
                text: step.reason.map { texts.text("follow.reason.\($0)") }
            )
        }
        let ahead =
            history.isOpen
            ? (history.state == "received" || history.state == "triaged" ? ["answer", "close"] : ["close"]) : []
        steps += ahead.map {
            Step(
                state: "next",
                isNow: false,
                title: texts.text("follow.step.\($0)"),
                machineTime: "",
                time: nil,
                text: nil
            )
        }
        return steps
    }
}

/// What the sealed entries say about the course of a report.
private struct History {
    struct Change {
        let state: String
        let reason: String?
        let at: Date
    }

    private(set) var steps: [Change] = []
    /// Paragraphs, or nothing for a line that only says that something was given.
    private(set) var messages: [(entry: Entry, text: [String]?)] = []
    private(set) var hasRevealed = false

    init(_ opened: OpenedReport) {
        for entry in opened.entries {
            switch entry.body {
            case .answers(let answers):
                self.steps.append(Change(state: "received", reason: nil, at: entry.at))
                // What was told in words stands at the top of the conversation.
                let told = answers.answers.values.flatMap(\.self).filter { $0.count > 40 || $0.contains(" ") }
                if !told.isEmpty { self.messages.append((entry, told.flatMap(Self.paragraphs))) }
            case .message(let text): self.messages.append((entry, Self.paragraphs(text)))
            case .status(let state, let reason):
                self.steps.append(Change(state: state, reason: reason, at: entry.at))
            case .identity:
                self.hasRevealed = true
                self.messages.append((entry, nil))
            case .receipt: break
            }
        }
    }

    var state: String { self.steps.last?.state ?? "received" }
    var reason: String? { self.steps.last?.reason }
    var isOpen: Bool { self.state != "closed" && self.state != "withdrawn" }

    private static func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n").map(String.init).filter { !$0.trimmed.isEmpty }
    }
}
