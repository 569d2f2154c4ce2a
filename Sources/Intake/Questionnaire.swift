import DataFiles
import Indicators
import Kernel

/// A kind of report and its own questions, as `questionnaires/KIND.yaml` has them.
package struct Questionnaire: Decodable, Sendable {
    package enum Route: String, Decodable, Sendable {
        case standard
        /// Addresses and text only, to the partner hotline.
        case child
        /// Advice, accusing nobody.
        case question
    }

    package enum Identity: String, Codable, Sendable, CaseIterable { case anonymous, confidential, named }

    package let id: String
    package let category: String
    package let title: LocalizedText
    package let lead: LocalizedText
    package let route: Route
    package let imminentDanger: Bool
    package let files: Bool
    package let identity: [Identity]
    package let items: [Indicator.Kind]
    package let fields: [Field]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, category, title, lead, route, files, identity, items, fields
        case imminentDanger = "imminent_danger"
    }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.category = try container.decode(String.self, forKey: .category)
        self.title = try container.decode(LocalizedText.self, forKey: .title)
        self.lead = try container.decode(LocalizedText.self, forKey: .lead)
        self.route = try container.decodeIfPresent(Route.self, forKey: .route) ?? .standard
        self.imminentDanger = try container.decodeIfPresent(Bool.self, forKey: .imminentDanger) ?? false
        self.files = try container.decode(Bool.self, forKey: .files)
        self.identity = try container.decode([Identity].self, forKey: .identity)
        self.items = try container.decodeIfPresent([Indicator.Kind].self, forKey: .items) ?? []
        self.fields = try container.decode([Field].self, forKey: .fields)
    }

    /// Whose key the report is sealed to.
    package var unit: DeskUnit { self.route == .child ? .child : .desk }
}

/// One question of a form.
package struct Field: Decodable, Sendable {
    package enum Kind: String, Decodable, Sendable { case single, multiple, text, long, date, amount }

    package struct Choice: Decodable, Sendable {
        package let id: String
        package let text: LocalizedText
    }

    /// A field that is shown and stored only if another was answered so.
    package struct Trigger: Decodable, Sendable {
        package let question: String
        package let `is`: [String]
    }

    package let id: String
    package let kind: Kind
    package let label: LocalizedText
    package let hint: LocalizedText?
    package let required: Bool
    /// Characters; text and long only.
    package let max: Int
    package let options: [Choice]
    package let when: Trigger?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case id, kind, label, hint, required, max, options, when
    }

    package init(from decoder: any Decoder) throws {
        try decoder.refuseKeys(otherThan: CodingKeys.self)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.id = try container.decode(String.self, forKey: .id)
        self.kind = try container.decode(Kind.self, forKey: .kind)
        self.label = try container.decode(LocalizedText.self, forKey: .label)
        self.hint = try container.decodeIfPresent(LocalizedText.self, forKey: .hint)
        self.required = try container.decodeIfPresent(Bool.self, forKey: .required) ?? false
        self.max = try container.decodeIfPresent(Int.self, forKey: .max) ?? (self.kind == .long ? 4000 : 200)
        self.options = try container.decodeIfPresent([Choice].self, forKey: .options) ?? []
        self.when = try container.decodeIfPresent(Trigger.self, forKey: .when)
    }
}
