import Guidance
import Kernel
import Synchronization
import WebSupport

/// The question pages of guided help, rendered once for each way through the questions and then only filled with the
/// person's own tokens.
final class HelpMolds: Sendable {
    struct Mold: Sendable {
        let page: PageMold
        /// The answers one step back, for the link; `nil` at the first question.
        let previous: Answers?
    }

    private struct Key: Hashable {
        let language: Language
        let answers: Answers
    }

    /// Far more ways than people take; whoever tries them all costs us a rendering each, as without this, and at most
    /// about 10 MiB.
    private static let most = 1000

    private let molds = Mutex<[Key: Mold]>([:])

    func mold(_ answers: Answers, _ language: Language) -> Mold? {
        self.molds.withLock { $0[Key(language: language, answers: answers)] }
    }

    func keep(_ mold: Mold, _ answers: Answers, _ language: Language) {
        self.molds.withLock { molds in
            if molds.count >= Self.most { molds.removeAll() }
            molds[Key(language: language, answers: answers)] = mold
        }
    }
}
