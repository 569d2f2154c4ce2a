import Casework
import Foundation
import HTTPTypes
import Hummingbird
import Intake
import Kernel
import Logging
import NIOCore
import WebSupport

/// The files of a case as its page lists them. Named and measured, never shown: no picture, no preview, no player.
struct CaseFilesView {
    struct Row {
        let name: String
        let type: String
        let size: String
        let day: String
        let sha256: String
        /// `nil` while the files are locked.
        let href: String?
    }

    static let keys = FileType.allCases.map { "file.type.\($0.rawValue)" } + FileSize.keys + ["desk.files.exact"]

    let isLocked: Bool
    let hasRows: Bool
    let rows: [Row]

    init(_ opened: OpenedCase, _ language: Language, _ texts: Translations, _ dates: Dates) {
        let isLocked = opened.opened.areFilesLocked || opened.file.category == Casework.lockingCategory
        self.isLocked = isLocked
        self.hasRows = !opened.opened.files.isEmpty
        self.rows = opened.opened.files.map { file in
            Row(
                name: file.name,
                type: texts.text("file.type.\(file.type.rawValue)"),
                size: texts.text(
                    "desk.files.exact",
                    ["size": FileSize.text(file.size, texts), "bytes": String(file.size)]
                ),
                day: dates.moment(file.at),
                sha256: file.sha256,
                href: isLocked ? nil : "/\(language)/dossiers/\(opened.file.reportId)/fichiers/\(file.id)"
            )
        }
    }
}

/// The answer to `/{language}/dossiers/{id}/fichiers/{file}`: the original bytes, to be saved and never to be shown.
enum CaseFileDownload {
    static func response(_ opened: OpenedFile, logger: Logger) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: "application/octet-stream",
                .contentDisposition: Self.disposition(opened.file.saveName),
                .contentSecurityPolicy: "sandbox; default-src 'none'",
                .xContentTypeOptions: "nosniff",
                .cacheControl: "no-store",
            ],
            // With the length, so that a stream that had to end early is seen to be cut.
            body: ResponseBody(contentLength: opened.file.size) { writer in
                do {
                    try await opened.read { try await writer.write(ByteBuffer(bytes: $0)) }
                    try await writer.finish(nil)
                } catch {
                    logger.error("A download ended early", metadata: ["error": "\(type(of: error))"])
                    throw error
                }
            }
        )
    }

    /// Both spellings of RFC 6266: one in ASCII for old programs, one with the true name.
    static func disposition(_ name: String) -> String {
        let plain = String(
            name.map { character in
                character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
                    ? character : "_"
            }
        )
        let exact = name.utf8.map { byte in
            let isPlain =
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            if isPlain { return String(UnicodeScalar(byte)) }
            let hex = String(byte, radix: 16, uppercase: true)
            return "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
        return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(exact)"
    }
}
