import Foundation

/// Answers as a few bytes, for the sealed token that carries them from page to page: a fingerprint of the tree, then a
/// byte for the question and two for a bit mask of its options. Answers to an edited tree are not understood, and the
/// person starts again instead of being led astray.
package struct AnswerCode: Sendable {
    private let tree: Tree
    private let fingerprint: [UInt8]

    package init(_ tree: Tree) {
        self.tree = tree
        // FNV-1a; not a secret and not a safeguard, the token is sealed.
        var hash: UInt32 = 2_166_136_261
        for question in tree.questions {
            for byte in (question.id + ":" + question.options.map(\.id).joined(separator: ",") + ";").utf8 {
                hash = (hash ^ UInt32(byte)) &* 16_777_619
            }
        }
        self.fingerprint = (0..<4).map { UInt8(truncatingIfNeeded: hash >> (8 * $0)) }
    }

    package func encode(_ answers: Answers) -> Data {
        var bytes = self.fingerprint
        for (index, question) in self.tree.questions.enumerated() where answers.has(question.id) {
            var mask: UInt16 = 0
            for (bit, option) in question.options.enumerated() where answers[question.id].contains(option.id) {
                mask |= 1 << UInt16(bit)
            }
            bytes += [UInt8(index), UInt8(mask & 0xff), UInt8(mask >> 8)]
        }
        return Data(bytes)
    }

    package func decode(_ data: Data) -> Answers? {
        let bytes = [UInt8](data)
        guard bytes.count >= 4, Array(bytes[0..<4]) == self.fingerprint, (bytes.count - 4).isMultiple(of: 3) else {
            return nil
        }
        var answers = Answers()
        for start in stride(from: 4, to: bytes.count, by: 3) {
            guard self.tree.questions.indices.contains(Int(bytes[start])) else { return nil }
            let question = self.tree.questions[Int(bytes[start])]
            let mask = UInt16(bytes[start + 1]) | UInt16(bytes[start + 2]) << 8
            answers[question.id] = Set(
                question.options.enumerated().filter { mask & 1 << UInt16($0.offset) != 0 }.map(\.element.id)
            )
        }
        return answers
    }
}
