import Hummingbird

extension FormBody {
    /// Refuses fields that the form does not have, so that nothing is slipped in beside them.
    /// - Throws: 400.
    package func allow(_ names: Set<String>) throws {
        guard Set(self.fields.keys).subtracting(names).isSubset(of: [FormGuard.field]) else {
            throw HTTPError(.badRequest)
        }
    }
}
