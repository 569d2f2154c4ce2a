import Foundation
import Guidance
import Kernel
import Vault

/// The answers to guided help as the token that pages carry too. Unlike there, one that has run out is an error.
struct DiagnosisState: Sendable {
    private let tokens: SealedToken
    private let code: AnswerCode
    private let clock: Clock

    init(key: DerivedKey, tree: Tree, clock: Clock) {
        self.tokens = SealedToken(key: key, lifetime: 24 * 60 * 60)
        self.code = AnswerCode(tree)
        self.clock = clock
    }

    func seal(_ answers: Answers) throws -> String {
        try self.tokens.seal(self.code.encode(answers), now: self.clock.now())
    }

    /// `nil` for a token that is none of ours, too old, or about questions that have changed since.
    func open(_ token: String) -> Answers? {
        (try? self.tokens.open(token, now: self.clock.now())).flatMap(self.code.decode)
    }
}
