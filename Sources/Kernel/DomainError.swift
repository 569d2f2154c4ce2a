/// What can go wrong in any capability, in words the web layer can translate into a page.
/// Carries no HTTP, no template and no translated text.
package enum DomainError: Error, Equatable, Sendable {
    /// There is no such thing, or this person may not know that there is.
    case notFound
    /// The person is known and may not do this.
    case forbidden
    /// The state does not allow it (any more). The key names the sentence that says why.
    case conflict(String)
    case invalid(InputErrors)
    /// Seconds after which another try makes sense.
    case rateLimited(retryAfter: Int)
    /// Closed for a reason that the key names: intake without a key-holder, the child route without a partner.
    case unavailable(String)
}
