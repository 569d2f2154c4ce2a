import Foundation
import Kernel
import Vault

/// Keeps a flood of reports from drowning the desk without refusing anybody: phones share addresses, so nobody is turned
/// away by network. Above a limit a person waits twenty seconds on a page that keeps what they wrote; a program waits too.
package struct FloodControl: Sendable {
    /// Reports of one network (/24 or /48) in an hour.
    let perNetwork: Int
    /// Reports of everybody in a minute.
    let perMinute: Int
    /// Seconds to wait.
    package static let pause: TimeInterval = 20
    /// Seconds after which a waited-for permission is stale.
    private static let lifetime: TimeInterval = 60 * 60
    private static let purpose = "waited"

    let tokens: FormTokens
    let clock: Clock
    let attempts: @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int

    /// - Parameters:
    ///   - key: signs the permission to send after the pause.
    ///   - attempts: counts a try in a window of so many seconds, for all servers together.
    package init(
        perNetwork: Int,
        perMinute: Int,
        key: DerivedKey,
        clock: Clock,
        attempts: @escaping @Sendable (_ name: String, _ subject: String, _ window: Int) async throws -> Int
    ) {
        self.perNetwork = perNetwork
        self.perMinute = perMinute
        self.tokens = FormTokens(key: key)
        self.clock = clock
        self.attempts = attempts
    }

    package enum Verdict: Sendable {
        case pass
        /// To be sent back with the form, once the pause is over.
        case wait(token: String)
    }

    /// - Parameters:
    ///   - waited: what a page of ours gave out before, if the form brings it back.
    ///   - formToken: the permission is good for this form only.
    package func check(network: String, waited: String?, formToken: String) async throws -> Verdict {
        let ofNetwork = try await self.attempts("report-network", network, 3600)
        let ofAll = try await self.attempts("report-all", "all", 60)
        if ofNetwork <= self.perNetwork, ofAll <= self.perMinute { return .pass }
        let now = self.clock.now()
        let subject = Digest.sha256Hex(Data(formToken.utf8))
        if let waited, self.tokens.check(waited, Self.purpose, subject: subject, now: now, lifetime: Self.lifetime),
            let issued = self.tokens.issuedAt(waited)
        {
            // Too early: the clock that runs already goes on.
            return now.timeIntervalSince(issued) >= Self.pause ? .pass : .wait(token: waited)
        }
        return .wait(token: self.tokens.issue(Self.purpose, subject: subject, now: now))
    }
}
