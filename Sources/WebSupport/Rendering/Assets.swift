import DataFiles
import Documents
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Vault

/// The files of `public/`, in memory, under names that change with their content; so they may be kept for a year. Served
/// from a closed list: no path from outside ever reaches the file system.
package struct Assets: Sendable {
    private struct File: Sendable {
        let type: String
        let plain: ByteBuffer
        let gzip: ByteBuffer?
    }

    private let files: [String: File]
    private let paths: [String: String]

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "ico": "image/x-icon", "png": "image/png", "webmanifest": "application/manifest+json",
    ]

    package init(resources folder: URL) throws {
        var files: [String: File] = [:]
        var paths: [String: String] = [:]
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "public").path)
        for name in names.sorted() {
            guard let type = Self.types[String(name.split(separator: ".").last ?? "")] else { continue }
            let data = try Data(contentsOf: folder.appending(path: "public/\(name)"))
            let hash = Digest.sha256Hex(data).prefix(12)
            let stem = name.split(separator: ".").dropLast().joined(separator: ".")
            let hashed = "\(stem).\(hash).\(name.split(separator: ".").last ?? "")"
            let compressed = Gzip.compress([UInt8](data)).flatMap {
                $0.count < data.count ? ByteBuffer(bytes: $0) : nil
            }
            files[hashed] = File(type: type, plain: ByteBuffer(bytes: data), gzip: compressed)
            paths[name] = "/assets/\(hashed)"
        }
        self.files = files
        self.paths = paths
    }

    /// The address of a file; one that does not exist is a mistake of ours, which the browser shows as a 404.
    package func path(_ name: String) -> String { self.paths[name] ?? "/assets/missing-\(name)" }

    package func response(_ name: String, _ request: Request) -> Response? {
        guard let file = self.files[name] else { return nil }
        let takesGzip = request.headers[.acceptEncoding]?.contains("gzip") ?? false
        let compressed = takesGzip ? file.gzip : nil
        var headers: HTTPFields = [
            .contentType: file.type, .cacheControl: "public, max-age=31536000, immutable", .vary: "Accept-Encoding",
        ]
        if compressed != nil { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: compressed ?? file.plain))
    }
}
