import Mustache

/// A view struct, read once. Left alone, the template engine reflects on a struct anew, all its fields, for every name a
/// template mentions and for every struct around it; that was most of what a page cost.
final class ViewNode: MustacheParent {
    private let fields: [String: Any]

    private init(_ mirror: Mirror) {
        var fields: [String: Any] = [:]
        fields.reserveCapacity(mirror.children.count)
        for case (let name?, let value) in mirror.children { fields[name] = Self.of(value) }
        self.fields = fields
    }

    func child(named name: String) -> Any? { self.fields[name] }

    /// What the engine should be given instead of this value: structs and lists of structs are read, optionals are
    /// opened, everything that is one piece of text stays what it is.
    /// - Returns: `nil` for an empty optional.
    static func of(_ value: Any) -> Any? {
        if value is String || value is Bool || value is Int { return value }
        let mirror = Mirror(reflecting: value)
        switch mirror.displayStyle {
        case .optional: return mirror.children.first.flatMap { Self.of($0.value) }
        case .collection: return mirror.children.compactMap { Self.of($0.value) }
        case .struct where !(value is any CustomStringConvertible): return ViewNode(mirror)
        default: return value
        }
    }
}
