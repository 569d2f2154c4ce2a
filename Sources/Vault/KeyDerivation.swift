import Crypto
import Foundation
import NIOCore

/// What a receipt code opens.
package struct ReceiptKeys: Secret {
    /// Finds the report; 32 hexadecimal digits (16 bytes). As costly to guess as the code itself.
    package let lookup: String
    /// Opens the reporter's box.
    package let key: ContentKey
}

/// What a staff password opens.
package struct StaffKeys: Secret {
    /// SHA-256 of a value derived from the password, 32 bytes: what the database keeps. Compare it with
    /// `Digest.constantTimeEqual`.
    package let verifier: Data
    /// Opens the person's own box; never stored.
    package let key: ContentKey
    /// Which derivation made it: keep it beside the salt, and give it back to `staff(password:salt:version:)`.
    package let version: UInt8
}

/// Slow derivation of keys from what people type. Receipts and staff passwords have a lane each: a flood of guesses on
/// one leaves the other free. The pepper comes from the master key, so a stolen database alone allows no guessing.
package final class KeyDerivation: Sendable {
    /// The version byte of the parameters and labels below. Part of what is derived; a new set gets a new number.
    package static let version: UInt8 = 1

    /// As many at once as cores, 1,024 waiting.
    package let receiptLane: Lane
    /// Two at once (64 MiB each), 20 waiting.
    package let staffLane: Lane
    private let receiptCost: Argon2Cost
    private let staffCost: Argon2Cost
    private let receiptSalt: Data
    private let receiptPepper: DerivedKey
    private let staffPepper: DerivedKey

    /// - Parameters:
    ///   - masterKey: gives the peppers.
    ///   - systemSalt: at least 16 random bytes, kept in the database for ever: without it no receipt opens.
    ///   - cores: how many receipts are derived at once.
    ///   - receiptCost: cheap ones for tests only; other costs give other keys.
    ///   - staffCost: likewise.
    package init(
        masterKey: MasterKey,
        systemSalt: Data,
        cores: Int = System.coreCount,
        receiptCost: Argon2Cost = .receipt,
        staffCost: Argon2Cost = .staff
    ) {
        var salt = Framed("receipt-salt")
        salt.add(systemSalt)
        self.receiptSalt = Digest.sha256(salt.bytes)
        self.receiptPepper = masterKey.derive("pepper/receipt")
        self.staffPepper = masterKey.derive("pepper/staff")
        self.receiptCost = receiptCost
        self.staffCost = staffCost
        self.receiptLane = Lane(width: max(1, cores), queue: 1024, milliseconds: receiptCost.milliseconds)
        self.staffLane = Lane(width: 2, queue: 20, milliseconds: staffCost.milliseconds)
    }

    /// Argon2id over the 26 digits; takes as long for a code that opens nothing. One salt for all receipts, because the
    /// code alone must find its report.
    /// - Throws: `Overloaded`, `CancellationError`, `VaultError.unsupportedSuite` for an unknown version, or
    ///   `VaultError.derivation` without memory.
    package func receipt(
        _ code: ReceiptCode,
        version: UInt8 = KeyDerivation.version
    ) async throws -> ReceiptKeys {
        guard version == Self.version else { throw VaultError.unsupportedSuite(version) }
        let (salt, pepper, cost) = (self.receiptSalt, self.receiptPepper, self.receiptCost)
        return try await self.receiptLane.run {
            let stretched = try Self.stretch(Data(code.digits.utf8), "receipt", salt, pepper, cost, version)
            return ReceiptKeys(
                lookup: stretched.derive("receipt/lookup").secret.data.prefix(16).hex,
                key: stretched.derive("receipt/key").contentKey
            )
        }
    }

    /// Argon2id over the password in Unicode's composed form (NFC), so that keyboards that write é differently open the
    /// same account. The salt is 16 random bytes of this person, new with every password (`newSalt`); the version the
    /// one kept beside the salt.
    /// - Throws: `Overloaded`, `CancellationError`, `VaultError.unsupportedSuite` for an unknown version, or
    ///   `VaultError.derivation` for a salt under 8 bytes or without memory.
    package func staff(
        password: String,
        salt: Data,
        version: UInt8 = KeyDerivation.version
    ) async throws -> StaffKeys {
        guard version == Self.version else { throw VaultError.unsupportedSuite(version) }
        let (pepper, cost) = (self.staffPepper, self.staffCost)
        return try await self.staffLane.run {
            let composed = Data(password.precomposedStringWithCanonicalMapping.utf8)
            let stretched = try Self.stretch(composed, "staff", salt, pepper, cost, version)
            return StaffKeys(
                verifier: Digest.sha256(stretched.derive("staff/verifier").secret.data),
                key: stretched.derive("staff/key").contentKey,
                version: version
            )
        }
    }

    /// 16 random bytes.
    package static func newSalt() -> Data { .random(16) }

    /// Waits for what runs; what waits fails with `CancellationError`.
    package func shutdown() async {
        await self.receiptLane.shutdown()
        await self.staffLane.shutdown()
    }

    private static func stretch(
        _ typed: Data,
        _ use: String,
        _ salt: Data,
        _ pepper: DerivedKey,
        _ cost: Argon2Cost,
        _ version: UInt8
    ) throws(VaultError) -> DerivedKey {
        var associated = Framed("stretch/\(use)")
        associated.add(CollectionOfOne(version))
        let stretched = try Argon2.id(
            typed,
            salt: salt,
            secret: pepper.secret.data,
            associated: associated.bytes,
            cost: cost,
            count: 64
        )
        return DerivedKey(SymmetricKey(data: stretched))
    }
}
