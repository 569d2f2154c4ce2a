import Foundation
import Yams

/// A YAML file of `Resources/`, decoded into a value, with every fault named by file, line and reason.
package struct YAMLFile: Sendable {
    /// As an editor would name it: relative to `Resources/`.
    package let name: String
    package let source: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
    }

    package init(folder: URL, name: String) throws(FileFaults) {
        do {
            self.init(name: name, source: try String(contentsOf: folder.appending(path: name), encoding: .utf8))
        } catch {
            throw FileFaults([FileFault(name, "cannot be read as UTF-8 text")])
        }
    }

    package func decode<Value: Decodable>(_: Value.Type) throws(FileFaults) -> Value {
        do {
            return try YAMLDecoder().decode(Value.self, from: self.source)
        } catch {
            throw FileFaults([self.fault(of: error)])
        }
    }

    /// The line at which the value under a path of keys and positions begins; 0 if there is none.
    package func line(of path: [String]) -> Int {
        guard var node = try? Yams.compose(yaml: self.source) else { return 0 }
        var line = node.mark?.line ?? 0
        for step in path {
            guard let next = Self.child(of: node, named: step) else { break }
            node = next
            line = node.mark?.line ?? line
        }
        return line
    }

    private static func child(of node: Node, named step: String) -> Node? {
        switch node {
        case .mapping(let mapping): mapping.first { $0.key.string == step }?.value
        case .sequence(let sequence): Int(step).flatMap { sequence.indices.contains($0) ? sequence[$0] : nil }
        default: nil
        }
    }

    private func fault(of error: any Error) -> FileFault {
        switch error {
        case DecodingError.dataCorrupted(let context) where context.underlyingError is YamlError:
            // The decoder wraps what its parser says; the parser knows the line.
            return context.underlyingError.map { self.fault(of: $0) } ?? FileFault(self.name, "is not valid YAML")
        case let error as DecodingError:
            let (path, reason) = Self.explain(error)
            return FileFault(self.name, line: self.line(of: path), reason)
        case YamlError.scanner(_, let problem, let mark, _), YamlError.parser(_, let problem, let mark, _),
            YamlError.composer(_, let problem, let mark, _):
            return FileFault(self.name, line: mark.line, problem)
        case YamlError.duplicatedKeysInMapping(let duplicates, let context):
            return FileFault(
                self.name,
                line: context.mark.line,
                "the key “\(duplicates.first ?? "")” stands there twice"
            )
        default:
            return FileFault(self.name, "is not valid YAML: \(error)")
        }
    }

    private static func explain(_ error: DecodingError) -> (path: [String], reason: String) {
        func steps(_ path: [any CodingKey]) -> [String] { path.map { $0.intValue.map(String.init) ?? $0.stringValue } }
        switch error {
        case .keyNotFound(let key, let context):
            return (steps(context.codingPath), "“\(key.stringValue)” is missing")
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            let path = steps(context.codingPath)
            return (path, "\(path.last.map { "“\($0)”: " } ?? "")\(context.debugDescription)")
        @unknown default:
            return ([], "cannot be read")
        }
    }
}

extension YAMLFile {
    /// All files of a folder with this ending, by name.
    package static func names(in folder: URL, under path: String, ending: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.appending(path: path).path)
        return (names ?? []).filter { $0.hasSuffix(ending) && !$0.hasPrefix(".") }.sorted().map { "\(path)/\($0)" }
    }
}
