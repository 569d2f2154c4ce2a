/// Comma-separated values (RFC 4180) that a spreadsheet opens as text, never as a formula.
package enum CSV {
    package static func line(_ cells: [String]) -> String {
        cells.map(Self.cell).joined(separator: ",") + "\r\n"
    }

    /// A cell that begins like a formula (`=`, `+`, `-`, `@`, tab, carriage return) gets an apostrophe in front, as
    /// OWASP advises against CSV injection.
    package static func cell(_ text: String) -> String {
        var text = text
        if let first = text.unicodeScalars.first, "=+-@\t\r".unicodeScalars.contains(first) { text = "'" + text }
        guard text.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
