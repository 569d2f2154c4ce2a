import DataFiles
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Yams

/// The hand-written description of one listener's API, with what both listeners share put into it.
package struct OpenAPIDocument: Sendable {
    /// JSON.
    package let text: String

    /// - Parameters:
    ///   - name: of `openapi/NAME.yaml`.
    ///   - folder: `Resources/`
    package init(_ name: String, resources folder: URL) throws {
        let shared = try Self.read("openapi/v1-shared.yaml", folder)
        let own = try Self.read("openapi/\(name).yaml", folder)
        let data = try JSONSerialization.data(
            withJSONObject: Self.merged(shared, own),
            options: [.sortedKeys, .withoutEscapingSlashes]
        )
        self.text = String(decoding: data, as: UTF8.self)
    }

    private static func read(_ name: String, _ folder: URL) throws -> [String: Any] {
        let source = try YAMLFile(folder: folder, name: name).source
        guard let tree = try Yams.load(yaml: source) as? [String: Any] else {
            throw FileFaults([FileFault(name, "is no map")])
        }
        return tree
    }

    /// Maps are joined; where both have a value the second wins.
    private static func merged(_ first: [String: Any], _ second: [String: Any]) -> [String: Any] {
        first.merging(second) { old, new in
            guard let old = old as? [String: Any], let new = new as? [String: Any] else { return new }
            return Self.merged(old, new)
        }
    }

    func response() -> Response {
        Response(
            status: .ok,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: self.text))
        )
    }
}
