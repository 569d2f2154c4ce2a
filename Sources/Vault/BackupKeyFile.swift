import FoundationEssentials
import Glibc

/// The pair that backups are sealed to: the server knows the public half only, so that it cannot read its own backups.
extension PrivateBox {
    private static let heading = "cyberconfiance private backup key: keep it away from the server"

    /// Makes a pair and keeps the private half in a new file, mode 0400, two lines of text: it can be printed.
    /// - Returns: the public half, for the server's configuration.
    /// - Throws: `keyFile` with a sentence; also if there is anything at the path.
    package static func createBackupKey(path: String) throws(VaultError) -> PublicBox {
        let box = PrivateBox.generate(.xwing)
        let text = Data("\(Self.heading)\n\(box.encoded.base64EncodedString())\n".utf8)
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o400)
        guard file >= 0 else { throw .keyFile("cannot create \(path): \(String(cString: strerror(errno)))") }
        defer { close(file) }
        let count = text.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        guard count == text.count, fsync(file) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(path)
            throw .keyFile("cannot write \(path): \(reason)")
        }
        return box.publicBox
    }

    /// - Throws: `keyFile` with a sentence.
    package static func loadBackupKey(path: String) throws(VaultError) -> PrivateBox {
        guard let data = try? Data(contentsOf: URL(filePath: path)) else { throw .keyFile("cannot read \(path)") }
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard lines.count == 2, lines[0] == Self.heading, let encoded = Data(base64Encoded: String(lines[1])),
            let box = try? PrivateBox(encoded: encoded)
        else { throw .keyFile("\(path) is not a private backup key as `keys backup-pair` writes it") }
        return box
    }
}

extension PublicBox {
    /// One line that can stand in a configuration: base64, 1,624 characters for X-Wing.
    package var text: String { self.encoded.base64EncodedString() }

    /// - Throws: `malformed` for anything but what `text` gave.
    package init(text: String) throws(VaultError) {
        guard let encoded = Data(base64Encoded: text) else { throw .malformed }
        try self.init(encoded: encoded)
    }
}
