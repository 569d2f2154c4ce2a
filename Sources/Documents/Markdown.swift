import CCmarkGFM
import Glibc

/// Markdown (CommonMark with tables) to HTML that is safe to send: raw HTML and `javascript:` links are dropped by
/// cmark-gfm's safe mode. The only file that imports the library.
package enum Markdown {
    private static let ready: Void = cmark_gfm_core_extensions_ensure_registered()

    package static func html(_ source: String) -> String {
        _ = Self.ready
        let options = CMARK_OPT_DEFAULT | CMARK_OPT_VALIDATE_UTF8
        guard let parser = cmark_parser_new(options) else { return "" }
        defer { cmark_parser_free(parser) }
        for name in ["table", "strikethrough"] {
            if let found = cmark_find_syntax_extension(name) { cmark_parser_attach_syntax_extension(parser, found) }
        }
        cmark_parser_feed(parser, source, source.utf8.count)
        guard let document = cmark_parser_finish(parser) else { return "" }
        defer { cmark_node_free(document) }
        guard let rendered = cmark_render_html(document, options, cmark_parser_get_syntax_extensions(parser)) else {
            return ""
        }
        defer { free(rendered) }
        return String(cString: rendered)
    }

    /// The words of a text, for reading time: 180 a minute, read calmly, and never less than a minute.
    package static func minutesToRead(_ source: String) -> Int {
        max(1, (source.split { $0.isWhitespace }.count + 90) / 180)
    }
}
