import DataFiles
import Foundation

/// A classification table of the field, as data: `taxonomies/*.yaml`.
struct Taxonomy: Decodable, Sendable {
    struct Code: Decodable, Sendable {
        let id: String
        let label: String
    }

    let id: String
    let source: String
    let codes: [Code]

    static func load(_ id: String, resources folder: URL) throws(FileFaults) -> Taxonomy {
        try YAMLFile(folder: folder, name: "taxonomies/\(id).yaml").decode(Taxonomy.self)
    }
}
