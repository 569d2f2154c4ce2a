/// What somebody does on the desk. What a role may do is decided where the rooms are put together.
package enum Role: String, Codable, CaseIterable, Sendable {
    case intake
    case analyst
    /// Key-holder: grants keys, approves.
    case senior
    /// Cleared for the child-protection channel.
    case childProtection = "child-protection"
    case legal
    case statistician
    /// Reads the log and nothing else.
    case auditor
    /// Invites and disables people; has no key and reads no report.
    case administrator
}
