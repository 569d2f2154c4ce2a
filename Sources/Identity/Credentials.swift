import Foundation
import Kernel
import Storage
import Vault

/// What an account is proved with, as the database keeps it.
struct Credentials: Decodable, Sendable {
    let id: Identifier<Principal>
    let email: String
    let name: String
    let state: Staff.State
    let kdf: Int?
    let salt: Data?
    let verifier: Data?
    let sealedKey: Data?
    let recoverySealedKey: Data?
    let totp: Data?
    let totpCounter: Int64?

    static let columns: SQL = """
        id, email, name, state, kdf, salt, verifier, sealed_key, recovery_sealed_key, totp, totp_counter
        """
    /// What an address that nobody has is tried with: the same work, and nothing to find.
    static let noSalt = Data(repeating: 0, count: 16)

    /// Of the derivation that made the verifier.
    var version: UInt8 { self.kdf.flatMap(UInt8.init(exactly:)) ?? KeyDerivation.version }
}

/// A code that fits and is not used up yet.
enum ShownFactor: Sendable {
    case totp(counter: Int64)
    case recoveryCode(hash: String)
}

extension Identity {
    func credentials(email: String) async throws -> Credentials? {
        // What cannot be an address is nobody's; a zero byte would even be an error of the database.
        let address = EmailAddress(email)?.rawValue ?? ""
        return try await self.database.read { tx in
            try tx.one(Credentials.self, "SELECT \(Credentials.columns) FROM staff WHERE email = \(address)")
        }
    }

    /// Of somebody signed in.
    func credentials(of session: StaffSession) async throws -> Credentials {
        let id = session.principal.id
        let known = try await self.database.read { tx in
            try tx.one(Credentials.self, "SELECT \(Credentials.columns) FROM staff WHERE id = \(id)")
        }
        guard let known, known.state == .active else { throw DomainError.notFound }
        return known
    }

    /// The address somebody signed in has an account under, for their own eyes.
    package func email(of session: StaffSession) async throws -> String {
        try await self.credentials(of: session).email
    }

    /// The person's box, if the password is theirs. Costs one derivation whether there is such an account or not.
    /// - Returns: `nil` for a wrong password and for an account that is not active.
    func opened(_ known: Credentials?, with password: String) async throws -> PrivateBox? {
        let keys = try await self.derivation.staff(
            password: String(password.prefix(Self.longestPassword)),
            salt: known?.salt ?? Credentials.noSalt,
            version: known?.version ?? KeyDerivation.version
        )
        guard let known, known.state == .active, let verifier = known.verifier, let sealedKey = known.sealedKey,
            Digest.constantTimeEqual(verifier, keys.verifier)
        else { return nil }
        return try PrivateBox.open(sealedKey, under: keys.key, Self.staffKeyContext(known.id))
    }

    /// More characters than this are not looked at; no password that was accepted is as long.
    private static let longestPassword = 1024

    /// What somebody typed, of their authenticator or from their paper. Use it up in the transaction it allows.
    func factor(_ code: String, of known: Credentials, _ now: Date) throws -> ShownFactor? {
        guard let sealed = known.totp else { return nil }
        let secret = try self.serverKey.open(sealed, Self.totpContext(known.id))
        let last = known.totpCounter.map { UInt64($0) }
        if let counter = TOTP.matchingCounter(code, secret: secret, now: now, after: last) {
            return .totp(counter: Int64(counter))
        }
        return RecoveryCodes.hash(code).map { .recoveryCode(hash: $0) }
    }

    /// Each code once, whichever of two simultaneous requests comes first.
    /// - Throws: `Refused` when it was used meanwhile, or is no recovery code of this person.
    static func use(_ factor: ShownFactor, of id: Identifier<Principal>, _ tx: WriteTransaction) throws {
        let used =
            switch factor {
            case .totp(let counter):
                try tx.execute(
                    "UPDATE staff SET totp_counter = \(counter) WHERE id = \(id) AND totp_counter < \(counter)"
                )
            case .recoveryCode(let hash):
                try tx.execute("DELETE FROM recovery_code WHERE staff_id = \(id) AND hash = \(hash)")
            }
        guard used == 1 else { throw Refused() }
    }

    static func totpContext(_ id: Identifier<Principal>) -> SealContext { SealContext("totp", "\(id)") }
    static func staffKeyContext(_ id: Identifier<Principal>) -> SealContext { SealContext("staff-key", "\(id)") }
    static func recoveryContext(_ id: Identifier<Principal>) -> SealContext { SealContext("staff-recovery", "\(id)") }
}
