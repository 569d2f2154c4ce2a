import Intake
import Kernel
import Storage

/// What other rooms are told of the desk's doings, each in the transaction of the change.
package struct CaseworkHooks: Sendable {
    /// The reporter's timeline has something new.
    package var onTold: @Sendable (WriteTransaction, Report.ID) throws -> Void
    /// Somebody opened a case that had something unread.
    package var onRead: @Sendable (WriteTransaction, DeskUnit) throws -> Void
    /// A case that was not in imminent danger is judged to be.
    package var onUrgent: @Sendable (WriteTransaction, DeskUnit) throws -> Void

    package init(
        onTold: @escaping @Sendable (WriteTransaction, Report.ID) throws -> Void = { _, _ in },
        onRead: @escaping @Sendable (WriteTransaction, DeskUnit) throws -> Void = { _, _ in },
        onUrgent: @escaping @Sendable (WriteTransaction, DeskUnit) throws -> Void = { _, _ in }
    ) {
        self.onTold = onTold
        self.onRead = onRead
        self.onUrgent = onUrgent
    }
}
