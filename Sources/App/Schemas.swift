import API
import Casework
import Identity
import Intake
import Notifications
import Storage

/// The parts of the schema in the order of their dependencies.
package enum Schemas {
    package static let all = [
        Installation.schema, JobQueue.schema, AuditLog.schema, Counters.schema, Identity.schema, Intake.schema,
        Casework.schema, Notifications.schema, Retention.schema, KeyVersions.schema, Idempotency.schema,
    ]
}
