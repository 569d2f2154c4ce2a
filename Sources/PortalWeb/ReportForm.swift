import Indicators
import Intake
import Kernel
import WebSupport

/// A report's form as a page shows it, with what was typed and what was wrong.
struct ReportForm {
    struct FieldView {
        let id: String
        let name: String
        let label: String
        let hint: String?
        let error: String?
        let required: Bool
        let isChoice: Bool
        let isLong: Bool
        let isShort: Bool
        let value: String
        let max: Int
        let mode: String
        let described: String?
        let options: [OptionView]
    }

    struct OptionView {
        let input: String
        let name: String
        let value: String
        let text: String
        let isChosen: Bool
    }

    struct ItemView {
        let id: String
        let name: String
        let label: String
        let error: String?
        let value: String
        let isLTR: Bool
        let mode: String
    }

    struct IdentityView {
        let id: String
        let title: String
        let text: String
        let isChosen: Bool
    }

    let fields: [FieldView]
    let items: [ItemView]
    let identities: [IdentityView]

    init(
        _ questionnaire: Questionnaire,
        _ raw: RawSubmission,
        _ errors: FormErrors,
        _ language: Language,
        _ texts: Translations
    ) {
        self.fields = questionnaire.fields.map { Self.field($0, raw.fields[$0.id] ?? [], errors[$0.id], language) }
        self.items = questionnaire.items.flatMap { kind -> [ItemView] in
            let typed = raw.items[kind] ?? []
            // Two places for addresses and numbers; more can be added once the report is in.
            return (0..<max(kind == .url || kind == .phone ? 2 : 1, typed.count)).map { index in
                ItemView(
                    id: "item-\(kind.rawValue)-\(index)",
                    name: "item-\(kind.rawValue)",
                    label: texts.text("item.\(kind.rawValue)"),
                    error: errors["item-\(kind.rawValue)-\(index)"],
                    value: index < typed.count ? typed[index] : "",
                    isLTR: kind != .account,
                    mode: [.url: "url", .phone: "tel", .email: "email"][kind] ?? "text"
                )
            }
        }
        let chosen = raw.identity ?? questionnaire.identity.first?.rawValue
        self.identities = questionnaire.identity.map {
            IdentityView(
                id: $0.rawValue,
                title: texts.text("identity.\($0.rawValue).title"),
                text: texts.text("identity.\($0.rawValue).text"),
                isChosen: $0.rawValue == chosen
            )
        }
    }

    private static func field(_ field: Field, _ typed: [String], _ error: String?, _ language: Language) -> FieldView {
        let described = [field.hint == nil ? nil : "\(field.id)-h", error == nil ? nil : "\(field.id)-e"].compactMap(
            \.self
        )
        return FieldView(
            id: field.id,
            name: "f-\(field.id)",
            label: field.label.text(language),
            hint: field.hint?.text(language),
            error: error,
            required: field.required,
            isChoice: field.kind == .single || field.kind == .multiple,
            isLong: field.kind == .long,
            isShort: field.kind == .date || field.kind == .amount,
            value: typed.first ?? "",
            max: field.max,
            mode: field.kind == .date ? "numeric" : field.kind == .amount ? "decimal" : "text",
            described: described.isEmpty ? nil : described.joined(separator: " "),
            options: field.options.map {
                OptionView(
                    input: field.kind == .single ? "radio" : "checkbox",
                    name: "f-\(field.id)",
                    value: $0.id,
                    text: $0.text.text(language),
                    isChosen: typed.contains($0.id)
                )
            }
        )
    }
}

extension RawSubmission {
    /// From the fields of the browser's form.
    init(_ form: FormBody, _ questionnaire: Questionnaire) {
        self.init(
            fields: Dictionary(uniqueKeysWithValues: questionnaire.fields.map { ($0.id, form.all("f-\($0.id)")) }),
            items: Dictionary(uniqueKeysWithValues: questionnaire.items.map { ($0, form.all("item-\($0.rawValue)")) }),
            identity: form["identity"],
            name: form["name"],
            contact: form["contact"]
        )
    }
}
