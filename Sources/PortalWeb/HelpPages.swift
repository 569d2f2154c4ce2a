import Content
import Country
import Guidance
import Hummingbird
import Intake
import Kernel
import WebSupport

/// `/{language}/aide`: one question a page, then what to do now. The address never says what the trouble is.
struct HelpPages: Sendable {
    let portal: Portal
    private let molds = HelpMolds()

    init(portal: Portal) { self.portal = portal }

    static let keys =
        Problem.Within.allCases.map { "help.within.\($0.rawValue)" } + ["help.progress", "help.question-title"]

    func addRoutes(to group: RouterGroup<AppRequestContext>) {
        group.get("aide", use: self.show)
        group.post("aide", use: self.answer)
    }

    private func show(_ request: Request, _ context: AppRequestContext) throws -> Response {
        let answers = request.query("s").map { self.portal.helpState.open($0) } ?? self.beginning(request.query("d"))
        return try self.page(answers, context.language, errors: InputErrors())
    }

    /// What a situation of the home page answers in advance.
    private func beginning(_ number: String?) -> Answers {
        guard let number = number.flatMap({ Int($0) }), (1...HomePages.tiles.count).contains(number),
            case .help(let known) = HomePages.tiles[number - 1].leads
        else { return Answers() }
        var answers = Answers()
        for question in self.portal.guidance.tree.questions {
            guard let option = known[question.id],
                let next = try? self.portal.guidance.answering(question, with: [option], answers)
            else { continue }
            answers = next
        }
        return answers
    }

    private func answer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        let form = try await FormBody.read(request)
        try self.portal.forms.check(form, request, "help")
        let answers = self.portal.helpState.open(form["s"])
        // The token may have run out while the person was away: they start again rather than answer another question.
        guard let question = form["q"].flatMap(self.portal.guidance.tree.question),
            case .ask(let asked, _) = self.portal.guidance.next(after: answers), asked.id == question.id
        else { return .redirect(to: "/\(context.language)/aide", type: .normal) }
        do {
            let next = try self.portal.guidance.answering(question, with: Set(form.all("answer")), answers)
            return .redirect(to: "/\(context.language)/aide?s=\(try self.portal.helpState.seal(next))", type: .normal)
        } catch let errors as InputErrors {
            var response = try self.page(answers, context.language, errors: errors)
            response.status = .unprocessableContent
            return response
        }
    }

    private func page(_ answers: Answers, _ language: Language, errors: InputErrors) throws -> Response {
        if errors.isEmpty, let mold = self.molds.mold(answers, language) {
            return try self.filled(mold, answers, language)
        }
        switch self.portal.guidance.next(after: answers) {
        case .outcome(let outcome):
            return try self.portal.pages.render("portal.help-result", self.result(outcome, answers, language), language)
        case .ask(let question, let options):
            let asked = (
                question: question, options: options, previous: self.portal.guidance.steppingBack(from: answers)
            )
            if !errors.isEmpty {
                let own = try self.tokens(answers, asked.previous)
                let page = self.question(asked, answers, language, errors, own)
                return try self.portal.pages.render("portal.help-question", page, language)
            }
            let page = self.question(asked, answers, language, errors, .marks)
            let html = try self.portal.pages.html("portal.help-question", page, language)
            let mold = HelpMolds.Mold(page: PageMold(html), previous: asked.previous)
            self.molds.keep(mold, answers, language)
            return try self.filled(mold, answers, language)
        }
    }

    /// What of a question's page is this person's alone.
    private struct Tokens {
        let form: String
        let state: String
        let back: String

        static let marks = Tokens(
            form: PageMold.mark("form"),
            state: PageMold.mark("state"),
            back: PageMold.mark("back")
        )
    }

    private func tokens(_ answers: Answers, _ previous: Answers?) throws -> Tokens {
        Tokens(
            form: self.portal.forms.issue("help"),
            state: try self.portal.helpState.seal(answers),
            back: try previous.map { try self.portal.helpState.seal($0) } ?? ""
        )
    }

    private func filled(_ mold: HelpMolds.Mold, _ answers: Answers, _ language: Language) throws -> Response {
        let own = try self.tokens(answers, mold.previous)
        let page = mold.page.fill(["form": own.form, "state": own.state, "back": own.back])
        return self.portal.pages.response(page, language)
    }

    private func question(
        _ asked: (question: Question, options: [Option], previous: Answers?),
        _ answers: Answers,
        _ language: Language,
        _ errors: InputErrors,
        _ tokens: Tokens
    ) -> QuestionPage {
        let texts = self.portal.texts(language)
        let question = asked.question
        let number = self.portal.guidance.asked(answers).count + 1
        let total = number - 1 + self.portal.guidance.longestWay(from: answers)
        let title = texts.text("help.question-title", ["number": String(number)])
        let messages = FormErrors(errors, texts)
        return QuestionPage(
            layout: self.portal.shell.layout(
                language,
                path: "aide",
                query: answers.questions.isEmpty ? "" : "?s=\(tokens.state)",
                title: errors.isEmpty ? title : texts.text("error.title", ["title": title]),
                isPersonal: true,
                stays: true
            ),
            hasErrors: !errors.isEmpty,
            errors: messages.lines,
            back: asked.previous.map {
                $0.questions.isEmpty ? "/\(language)/aide" : "/\(language)/aide?s=\(tokens.back)"
            },
            stars: (1...max(total, number)).map { .init(mark: $0 < number ? "done" : $0 == number ? "now" : nil) },
            progress: texts.text("help.progress", ["number": String(number), "total": String(total)]),
            action: "/\(language)/aide",
            formToken: tokens.form,
            state: tokens.state,
            question: question.id,
            text: question.text.text(language),
            hint: question.hint?.text(language),
            options: asked.options.enumerated().map { index, option in
                QuestionPage.Choice(
                    id: option.id,
                    text: option.text.text(language),
                    hint: option.hint?.text(language),
                    input: question.kind == .single ? "radio" : "checkbox",
                    isFirst: index == 0
                )
            }
        )
    }

    private func result(_ outcome: Guidance.Outcome, _ answers: Answers, _ language: Language) throws -> ResultPage {
        let problem = outcome.problem
        let texts = self.portal.texts(language)
        let dates = self.portal.dates(language)
        let state = try self.portal.helpState.seal(answers)
        let title = problem.title.best(for: language)
        let measures = outcome.measures.map { measure in
            ResultPage.Measure(
                text: measure.text.text(language),
                href: measure.guide.map { "/\(language)/guides/\($0)" }
            )
        }
        let report: String? =
            switch problem.reporting {
            case .here(let kind):
                ReportPages.number(of: kind, in: self.portal.intake.questionnaires).map {
                    "/\(language)/signaler?f=\($0)&s=\(state)"
                }
            case .elsewhere, .nowhere: nil
            }
        var contacts = problem.contacts
        if case .elsewhere(let entry) = problem.reporting, !contacts.contains(entry) { contacts.insert(entry, at: 0) }
        let guide = self.portal.content.article(.guide, problem.guide, language)
        let back = try self.portal.guidance.steppingBack(from: answers).map {
            "/\(language)/aide?s=\(try self.portal.helpState.seal($0))"
        }
        return ResultPage(
            layout: self.portal.shell.layout(
                language,
                path: "aide",
                query: "?s=\(state)",
                title: title.text,
                isPersonal: true,
                stays: true
            ),
            lang: title.language == language ? nil : title.language.rawValue,
            dir: title.language.direction,
            back: back ?? "/\(language)/aide",
            title: title.text,
            happening: problem.happening.text(language),
            lifeDanger: problem.lifeDanger || problem.danger == .life,
            deadline: problem.deadline?.text(language),
            steps: problem.steps.map { step in
                ResultPage.Step(
                    act: step.act.text(language),
                    how: step.how.text(language),
                    within: step.within.map { texts.text("help.within.\($0.rawValue)") }
                )
            },
            evidence: problem.evidence.map { $0.text(language) },
            never: problem.never.map { $0.text(language) },
            hasMeasures: !measures.isEmpty,
            measures: Array(measures.prefix(6)),
            hasMore: measures.count > 6,
            more: Array(measures.dropFirst(6)),
            report: report,
            contacts: contacts.compactMap { self.portal.country[$0] }.map { ContactView($0, language, dates, texts) },
            guide: guide.map {
                ResultPage.Guide(
                    href: "/\(language)/guides/\($0.slug)",
                    title: $0.title,
                    lang: $0.language == language ? nil : $0.language.rawValue
                )
            }
        )
    }
}

private struct QuestionPage {
    let layout: Layout
    let hasErrors: Bool
    let errors: [FormErrors.Line]
    let back: String?
    let stars: [Star]
    let progress: String
    let action: String
    let formToken: String
    let state: String
    let question: String
    let text: String
    let hint: String?
    let options: [Choice]

    struct Star { let mark: String? }

    struct Choice {
        let id: String
        let text: String
        let hint: String?
        let input: String
        let isFirst: Bool
    }
}

private struct ResultPage {
    let layout: Layout
    let lang: String?
    let dir: String
    let back: String
    let title: String
    let happening: String
    let lifeDanger: Bool
    let deadline: String?
    let steps: [Step]
    let evidence: [String]
    let never: [String]
    let hasMeasures: Bool
    let measures: [Measure]
    let hasMore: Bool
    let more: [Measure]
    let report: String?
    let contacts: [ContactView]
    let guide: Guide?

    struct Step {
        let act: String
        let how: String
        let within: String?
    }

    struct Measure {
        let text: String
        let href: String?
    }

    struct Guide {
        let href: String
        let title: String
        let lang: String?
    }
}
