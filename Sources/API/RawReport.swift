import Indicators
import Intake
import Kernel

/// A report as the body has it, on its way into what intake checks, and back to where a fault lies.
struct RawReport {
    /// More than can be kept is refused by intake; more than this is not even read.
    private static let mostItems = 100

    private(set) var submission = RawSubmission()
    /// Position in the body of each item, by its kind.
    private var positions: [Indicator.Kind: [Int]] = [:]

    init(_ input: inout Fields, _ questionnaire: Questionnaire) throws {
        self.submission.identity = input.optionalText("identity")
        self.submission.name = input.optionalText("name")
        self.submission.contact = input.optionalText("contact")
        if let raw = input.raw("fields") {
            var fields = try Self.nested(raw, Set(questionnaire.fields.map(\.id)), input.pointer("fields"))
            for field in questionnaire.fields where fields.has(field.id) {
                self.submission.fields[field.id] = fields.texts(field.id, longest: 50, single: true)
            }
            fields.errors.items.forEach { input.errors.add($0.messageKey, for: $0.field) }
        }
        switch input.raw("items") {
        case nil: break
        case .array(let items) where items.count <= Self.mostItems:
            for (index, item) in items.enumerated() { try self.add(item, index, &input, questionnaire) }
        case .array: input.refuse("items", "api.error.too-many")
        default: input.refuse("items", "api.error.type")
        }
    }

    private mutating func add(
        _ value: JSONValue,
        _ index: Int,
        _ input: inout Fields,
        _ questionnaire: Questionnaire
    ) throws {
        var item = try Self.nested(value, ["kind", "value"], input.pointer("items/\(index)"))
        let offered = Dictionary(uniqueKeysWithValues: questionnaire.items.map { ($0.rawValue, $0) })
        let kind = item.choice("kind", offered)
        let text = item.text("value")
        item.errors.items.forEach { input.errors.add($0.messageKey, for: $0.field) }
        guard let kind, let text else { return }
        self.submission.items[kind, default: []].append(text)
        self.positions[kind, default: []].append(index)
    }

    private static func nested(_ value: JSONValue, _ names: Set<String>, _ place: String) throws -> Fields {
        guard case .object = value else { throw InputErrors("api.error.type", for: place) }
        return try Fields(value, names, at: place)
    }

    /// The same faults, with pointers into the body.
    func placed(_ errors: InputErrors, _ questionnaire: Questionnaire) -> InputErrors {
        var placed = InputErrors()
        let fields = Set(questionnaire.fields.map(\.id))
        for item in errors.items {
            var pointer = fields.contains(item.field) ? "/fields/\(item.field)" : "/\(item.field)"
            for (kind, positions) in self.positions {
                for (number, index) in positions.enumerated() where item.field == "item-\(kind.rawValue)-\(number)" {
                    pointer = "/items/\(index)/value"
                }
            }
            placed.add(item.messageKey, for: pointer, limit: item.limit)
        }
        return placed
    }
}
