/// Why a form was refused: one message key per field, in the order the fields were read.
package struct InputErrors: Error, Equatable, Sendable {
    package struct Item: Equatable, Sendable {
        package let field: String
        package let messageKey: String
        /// A number the sentence names, such as the longest length allowed.
        package let limit: Int?
    }

    package private(set) var items: [Item] = []

    package init() {}

    package init(_ messageKey: String, for field: String) { self.add(messageKey, for: field) }

    package var isEmpty: Bool { self.items.isEmpty }

    package mutating func add(_ messageKey: String, for field: String, limit: Int? = nil) {
        self.items.append(Item(field: field, messageKey: messageKey, limit: limit))
    }

    package subscript(field: String) -> Item? { self.items.first { $0.field == field } }
}
