import Indicators
import Intake
import Kernel

/// A kind of report in one language.
struct KindDocument: Encodable {
    struct Choice: Encodable {
        let id: String
        let text: String
    }

    struct Condition: Encodable {
        let field: String
        let anyOf: [String]
    }

    struct FieldDocument: Encodable {
        let id: String
        let kind: String
        let label: String
        let hint: String?
        let isRequired: Bool
        let maxLength: Int?
        let options: [Choice]?
        let onlyIf: Condition?
    }

    let id: String
    let category: String
    let title: String
    let lead: String
    let language: String
    /// Whether reports of this kind are taken at this moment.
    let isOpen: Bool
    let isImminentDanger: Bool
    let identity: [String]
    let indicatorKinds: [String]
    let fields: [FieldDocument]?

    init(_ questionnaire: Questionnaire, isOpen: Bool, _ language: Language, isWhole: Bool) {
        let title = questionnaire.title.best(for: language)
        self.id = questionnaire.id
        self.category = questionnaire.category
        self.title = title.text
        self.language = title.language.rawValue
        self.lead = questionnaire.lead.text(language)
        self.isOpen = isOpen
        self.isImminentDanger = questionnaire.imminentDanger
        self.identity = questionnaire.identity.map(\.rawValue)
        self.indicatorKinds = questionnaire.items.map(\.rawValue)
        self.fields =
            isWhole
            ? questionnaire.fields.map { field in
                FieldDocument(
                    id: field.id,
                    kind: field.kind.rawValue,
                    label: field.label.text(language),
                    hint: field.hint?.text(language),
                    isRequired: field.required,
                    maxLength: field.kind == .text || field.kind == .long ? field.max : nil,
                    options: field.options.isEmpty
                        ? nil : field.options.map { Choice(id: $0.id, text: $0.text.text(language)) },
                    onlyIf: field.when.map { Condition(field: $0.question, anyOf: $0.is) }
                )
            } : nil
    }
}
