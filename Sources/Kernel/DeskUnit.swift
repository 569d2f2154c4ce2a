/// A group of staff with a key of its own: what is sealed to one cannot be read by the other.
package enum DeskUnit: String, CaseIterable, Codable, Sendable {
    case desk
    /// The child-protection channel: cleared analysts only.
    case child
}
