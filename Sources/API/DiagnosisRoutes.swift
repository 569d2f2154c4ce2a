import Country
import Guidance
import Hummingbird
import Kernel
import WebSupport

/// `/api/v1/diagnosis`: one question after the other, then what to do. Nothing is kept here; the state travels.
struct DiagnosisRoutes: Sendable {
    let api: PortalAPI

    var routes: [Route] {
        [.get("diagnosis", self.first), .post("diagnosis", self.answer)]
    }

    private func first(_ request: Request, _ context: AppRequestContext) throws -> Response {
        try self.step(Answers(), context.language)
    }

    private func answer(_ request: Request, _ context: AppRequestContext) async throws -> Response {
        var input = try await Fields.read(request, ["state", "question", "answer"])
        let state = input.text("state")
        let name = input.text("question")
        let chosen = input.texts("answer", longest: 16)
        let answers = state.flatMap(self.api.diagnosis.open)
        if state != nil, answers == nil { input.refuse("state", "api.error.state") }
        if let answers, let name {
            if case .ask(let asked, _) = self.api.guidance.next(after: answers), asked.id == name {
                try input.finish()
                return try self.step(
                    try self.api.guidance.answering(asked, with: Set(chosen), answers),
                    context.language
                )
            }
            input.refuse("question", "api.error.question")
        }
        throw input.errors
    }

    private func step(_ answers: Answers, _ language: Language) throws -> Response {
        let state = try self.api.diagnosis.seal(answers)
        switch self.api.guidance.next(after: answers) {
        case .ask(let question, let options):
            let number = self.api.guidance.asked(answers).count + 1
            return try JSONResponse.make(
                StepView(
                    state: state,
                    question: QuestionView(
                        question,
                        options,
                        number: number,
                        atMost: number - 1 + self.api.guidance.longestWay(from: answers),
                        language
                    ),
                    outcome: nil
                )
            )
        case .outcome(let outcome):
            return try JSONResponse.make(
                StepView(state: state, question: nil, outcome: OutcomeView(outcome, self.api.country, language))
            )
        }
    }
}

private struct StepView: Encodable {
    let state: String
    let question: QuestionView?
    let outcome: OutcomeView?
}

private struct QuestionView: Encodable {
    struct Choice: Encodable {
        let id: String
        let text: String
        let hint: String?
    }

    let id: String
    let kind: String
    let text: String
    let hint: String?
    let number: Int
    let atMost: Int
    let options: [Choice]

    init(_ question: Question, _ options: [Option], number: Int, atMost: Int, _ language: Language) {
        self.id = question.id
        self.kind = question.kind.rawValue
        self.text = question.text.text(language)
        self.hint = question.hint?.text(language)
        self.number = number
        self.atMost = max(atMost, number)
        self.options = options.map {
            Choice(id: $0.id, text: $0.text.text(language), hint: $0.hint?.text(language))
        }
    }
}

private struct OutcomeView: Encodable {
    struct Step: Encodable {
        let act: String
        let how: String
        /// `15m`, `1h`, `24h`, `72h`, `7d`
        let within: String?
    }

    struct Measure: Encodable {
        let id: String
        let text: String
        let guide: String?
    }

    struct Problem: Encodable {
        let id: String
        let category: String
        let title: String
        let language: String
        let danger: String
        let lifeDanger: Bool
    }

    struct Reporting: Encodable {
        /// `here`, `elsewhere` or `none`
        let place: String
        let reportKind: String?
        let contact: String?
    }

    let problem: Problem
    let happening: String
    let deadline: String?
    let steps: [Step]
    let evidence: [String]
    let never: [String]
    let measures: [Measure]
    let contacts: [ContactDocument]
    let guide: String
    let report: Reporting

    init(_ outcome: Guidance.Outcome, _ country: Country, _ language: Language) {
        let problem = outcome.problem
        let title = problem.title.best(for: language)
        self.problem = Problem(
            id: problem.id,
            category: problem.category,
            title: title.text,
            language: title.language.rawValue,
            danger: problem.danger.rawValue,
            lifeDanger: problem.lifeDanger || problem.danger == .life
        )
        self.happening = problem.happening.text(language)
        self.deadline = problem.deadline?.text(language)
        self.steps = problem.steps.map {
            Step(act: $0.act.text(language), how: $0.how.text(language), within: $0.within?.rawValue)
        }
        self.evidence = problem.evidence.map { $0.text(language) }
        self.never = problem.never.map { $0.text(language) }
        self.measures = outcome.measures.map { Measure(id: $0.id, text: $0.text.text(language), guide: $0.guide) }
        var contacts = problem.contacts
        switch problem.reporting {
        case .here(let kind): self.report = Reporting(place: "here", reportKind: kind, contact: nil)
        case .elsewhere(let entry):
            self.report = Reporting(place: "elsewhere", reportKind: nil, contact: entry)
            if !contacts.contains(entry) { contacts.insert(entry, at: 0) }
        case .nowhere: self.report = Reporting(place: "none", reportKind: nil, contact: nil)
        }
        self.contacts = contacts.compactMap { country[$0] }.map { ContactDocument($0, language) }
        self.guide = problem.guide
    }
}
