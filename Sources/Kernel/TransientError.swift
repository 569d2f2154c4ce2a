/// An error of the machinery and not of a person: a full disk, a database that is away, too much at once. What was asked
/// was not done, or it is not known whether it was, and asking again later may work.
package protocol TransientError: Error {
    var isTransient: Bool { get }
}
