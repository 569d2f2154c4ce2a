import Crypto
import FoundationEssentials

/// A key of 32 bytes that seals content: fields, files, other keys.
///
/// A sealed value is `version (1) ‖ nonce (12, random) ‖ AES-256-GCM of (length (4) ‖ content ‖ zeros) ‖ tag (16)`, with
/// version and context as associated data. Take a fresh key for each item, wrapped to its readers: then neither random
/// nonces (good for 2³² values a key) nor a lost key are a worry beyond that item.
package struct ContentKey: Secret {
    private static let version: UInt8 = 1

    let secret: SymmetricKey

    init(_ secret: SymmetricKey) { self.secret = secret }

    /// - Throws: `malformed` unless there are exactly 32 bytes.
    package init(bytes: some ContiguousBytes) throws(VaultError) {
        let secret = SymmetricKey(data: bytes)
        guard secret.bitCount == 256 else { throw .malformed }
        self.secret = secret
    }

    package static func random() -> ContentKey { ContentKey(SymmetricKey(size: .bits256)) }

    /// For what is below 4 GiB; larger things are blobs. The context must be the same when it is opened. The sealed part
    /// is a multiple of `padTo` bytes, so that its size tells little; 1 hides nothing.
    package func seal(_ plaintext: Data, _ context: SealContext, padTo: Int = 256) -> Data {
        self.seal(plaintext, context, padTo: padTo, as: "seal")
    }

    /// - Throws: `malformed`, `unsupportedSuite`, or `wrongKey` for another key, another context or altered bytes.
    package func open(_ sealed: Data, _ context: SealContext) throws(VaultError) -> Data {
        try self.open(sealed, context, as: "seal")
    }

    /// - Throws: `malformed` if the value cannot be written as JSON (a number that is not finite).
    package func sealJSON(
        _ value: some Encodable,
        _ context: SealContext,
        padTo: Int = 256
    ) throws(VaultError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let json = try? encoder.encode(value) else { throw .malformed }
        return self.seal(json, context, padTo: padTo, as: "seal")
    }

    /// - Throws: as `open`; `malformed` also if the JSON is that of another type.
    package func openJSON<Value: Decodable>(
        _ type: Value.Type,
        _ sealed: Data,
        _ context: SealContext
    ) throws(VaultError) -> Value {
        let json = try self.open(sealed, context, as: "seal")
        guard let value = try? JSONDecoder().decode(type, from: json) else { throw .malformed }
        return value
    }

    func seal(_ plaintext: Data, _ context: SealContext, padTo: Int, as operation: String) -> Data {
        var content = Data()
        let length = 4 + plaintext.count
        let bucket = max(1, padTo)
        let padded = (length + bucket - 1) / bucket * bucket
        content.reserveCapacity(padded)
        content.append(bigEndian: UInt32(plaintext.count))
        content.append(plaintext)
        content.append(Data(count: padded - length))
        let associated = context.bytes(operation, suite: Self.version)
        // Fails only for keys and nonces of a length that cannot occur here.
        guard let box = try? AES.GCM.seal(content, using: self.secret, authenticating: associated),
            let combined = box.combined
        else { preconditionFailure("AES-GCM refused a 256-bit key") }
        return CollectionOfOne(Self.version) + combined
    }

    func open(_ sealed: Data, _ context: SealContext, as operation: String) throws(VaultError) -> Data {
        var reader = ByteReader(sealed)
        let version = try reader.byte()
        guard version == Self.version else { throw .unsupportedSuite(version) }
        guard let box = try? AES.GCM.SealedBox(combined: reader.rest) else { throw .malformed }
        let associated = context.bytes(operation, suite: version)
        guard let content = try? AES.GCM.open(box, using: self.secret, authenticating: associated) else {
            throw .wrongKey
        }
        var inside = ByteReader(content)
        let length = try inside.take(4).number(UInt32.self)
        let plaintext = try inside.take(Int(length))
        guard inside.rest.allSatisfy({ $0 == 0 }) else { throw .malformed }
        return plaintext
    }
}
