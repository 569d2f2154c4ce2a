import CQRencode

/// A QR code as the path of an SVG, drawn in unit squares. The only file that imports libqrencode.
package struct QRCode: Sendable {
    /// Modules on one side, without the quiet zone.
    package let side: Int
    /// `d` attribute of an SVG path: one rectangle for every run of dark modules.
    package let path: String

    /// - Returns: `nil` if the text is too long for a QR code.
    package init?(_ text: String) {
        guard let code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M) else { return nil }
        defer { QRcode_free(code) }
        let side = Int(code.pointee.width)
        var path = ""
        for row in 0..<side {
            var column = 0
            while column < side {
                // Bit 0 says dark.
                guard code.pointee.data[row * side + column] & 1 == 1 else {
                    column += 1
                    continue
                }
                let start = column
                while column < side, code.pointee.data[row * side + column] & 1 == 1 { column += 1 }
                path += "M\(start) \(row)h\(column - start)v1h-\(column - start)z"
            }
        }
        self.side = side
        self.path = path
    }
}
