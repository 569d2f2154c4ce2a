import Foundation
import Kernel
import Storage
import Vault

extension Identity {
    /// One answer for a wrong address, password, recovery key or code, and for a disabled account.
    package struct Refused: Error {}

    /// Tries from one network at one account in a quarter of an hour, and at all accounts. Counted with the network so
    /// that nobody can lock others out by failing in their name.
    private static let window = 15 * 60
    private static let triesAtAccount = 10
    private static let triesOfNetwork = 50

    /// Counts a sign-in or a recovery, which share their limits: whoever guesses gains nothing by changing the page.
    /// - Returns: what to forget when it succeeds.
    /// - Throws: `DomainError.rateLimited`.
    func countTry(at address: String, from network: String, _ now: Date) async throws -> String {
        let account = Digest.sha256Hex(Data(address.utf8)).prefix(16)
        let pair = "\(account)/\(network)"
        let (atAccount, ofNetwork) = try await self.database.write(.eachStatement) { tx in
            (
                try Counters.hit(tx, "sign-in", subject: pair, window: Self.window, now: now),
                try Counters.hit(tx, "sign-in-network", subject: network, window: Self.window, now: now)
            )
        }
        if atAccount > Self.triesAtAccount || ofNetwork > Self.triesOfNetwork {
            throw DomainError.rateLimited(retryAfter: Counters.secondsLeft(window: Self.window, now: now))
        }
        return pair
    }

    static func forgiveTries(_ pair: String, _ tx: WriteTransaction) throws {
        try Counters.reset(tx, "sign-in", subject: pair)
    }

    /// Counts what somebody signed in proves again, so that a stolen cookie is no licence to guess.
    /// - Throws: `DomainError.rateLimited`.
    func countProof(of session: StaffSession, _ now: Date) async throws {
        let subject = Self.proofSubject(session)
        let count = try await self.database.write(.eachStatement) { tx in
            try Counters.hit(tx, "proof", subject: subject, window: Self.window, now: now)
        }
        if count > Self.triesAtAccount {
            throw DomainError.rateLimited(retryAfter: Counters.secondsLeft(window: Self.window, now: now))
        }
    }

    static func forgiveProofs(of session: StaffSession, _ tx: WriteTransaction) throws {
        try Counters.reset(tx, "proof", subject: Self.proofSubject(session))
    }

    private static func proofSubject(_ session: StaffSession) -> String {
        String(Digest.sha256Hex(Data("\(session.principal.id)".utf8)).prefix(16))
    }
}
