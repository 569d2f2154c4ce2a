import FoundationEssentials

/// Seals a file of any size to a public box: `length of the wrap (4) ‖ wrap ‖ sealed blob`. Every file has a key of its
/// own, wrapped to the box. Used as `BlobSealer`: `start`, `update` as often as needed, `finish`.
package struct FileSealer: Secret {
    private let wrap: Data
    private var sealer: BlobSealer

    /// The context must be the same when it is opened.
    /// - Throws: `malformed` if the library refuses the public key.
    package init(to box: PublicBox, _ context: SealContext) throws(VaultError) {
        let key = ContentKey.random()
        self.wrap = try box.wrap(key, context)
        self.sealer = BlobSealer(key: key, context: context)
    }

    package mutating func start() -> Data {
        var head = Data()
        head.append(bigEndian: UInt32(self.wrap.count))
        return head + self.wrap + self.sealer.start()
    }

    package mutating func update(_ content: Data) -> Data { self.sealer.update(content) }
    package mutating func finish() -> Data { self.sealer.finish() }
}

/// Opens what `FileSealer` made. As with a blob, what comes out is to be relied upon when `finish` has returned.
package struct FileOpener: Secret {
    /// A wrap of any suite is far shorter: what says otherwise is no such file.
    private static let longestWrap = 4096

    private let box: PrivateBox
    private let context: SealContext
    private var head = Data()
    private var opener: BlobOpener?

    package init(box: PrivateBox, _ context: SealContext) {
        self.box = box
        self.context = context
    }

    /// - Throws: `malformed`, `unsupportedSuite`, or `wrongKey` for another box, another context or altered bytes.
    package mutating func update(_ sealed: Data) throws(VaultError) -> Data {
        if self.opener != nil { return try self.opener!.update(sealed) }
        self.head.append(sealed)
        guard self.head.count >= 4 else { return Data() }
        let length = Int(self.head.prefix(4).number(UInt32.self))
        guard length <= Self.longestWrap else { throw .malformed }
        guard self.head.count >= 4 + length else { return Data() }
        let key = try self.box.unwrapKey(Data(self.head.dropFirst(4).prefix(length)), self.context)
        var opener = BlobOpener(key: key, context: self.context)
        let content = try opener.update(Data(self.head.dropFirst(4 + length)))
        self.opener = opener
        self.head = Data()
        return content
    }

    /// - Throws: as `update`; here also for a file that was cut off or has something behind its end.
    package mutating func finish() throws(VaultError) -> Data {
        guard self.opener != nil else { throw .malformed }
        return try self.opener!.finish()
    }
}
