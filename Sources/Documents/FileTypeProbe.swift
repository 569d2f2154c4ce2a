import CMagic

/// Says by its first bytes what a file is, through libmagic. Only ever used inside a confined child process: parsing the
/// bytes of strangers in C is what attackers hope for.
package final class FileTypeProbe {
    package struct Unavailable: Error {}

    /// How many bytes it wants to see.
    package static let wanted = 65_536

    /// MIME names, and none of the checks that unpack or walk through a format: less C code for hostile bytes.
    private static let flags =
        MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_TAR | MAGIC_NO_CHECK_ELF | MAGIC_NO_CHECK_CDF
        | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON

    private let magic: magic_t

    /// Reads the system's database; the only time it opens a file.
    package init() throws {
        guard let magic = magic_open(Self.flags) else { throw Unavailable() }
        self.magic = magic
        guard magic_load(magic, nil) == 0 else { throw Unavailable() }
        // Without its compiled database it still loads, and takes everything that can be read for plain text.
        guard self.type(of: Array("%PDF-1.7\n".utf8)) == "application/pdf" else { throw Unavailable() }
    }

    deinit { magic_close(self.magic) }

    /// Such as `image/jpeg`.
    package func type(of bytes: [UInt8]) -> String? {
        bytes.withUnsafeBytes { magic_buffer(self.magic, $0.baseAddress, $0.count) }.map { String(cString: $0) }
    }
}
