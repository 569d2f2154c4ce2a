import Foundation
import Guidance
import Kernel
import Vault

/// The answers to guided help, sealed into a query parameter: nothing is kept here, and nobody who sees the address
/// learns what the trouble is. Valid for a day.
package struct HelpState: Sendable {
    private let tokens: SealedToken
    private let code: AnswerCode
    private let clock: Clock

    package init(key: DerivedKey, tree: Tree, clock: Clock) {
        self.tokens = SealedToken(key: key, lifetime: 24 * 60 * 60)
        self.code = AnswerCode(tree)
        self.clock = clock
    }

    package func seal(_ answers: Answers) throws -> String {
        try self.tokens.seal(self.code.encode(answers), now: self.clock.now())
    }

    /// - Returns: no answers for a token that is old, altered, or of another tree.
    package func open(_ token: String?) -> Answers {
        guard let token, !token.isEmpty, let data = try? self.tokens.open(token, now: self.clock.now()) else {
            return Answers()
        }
        return self.code.decode(data) ?? Answers()
    }
}
