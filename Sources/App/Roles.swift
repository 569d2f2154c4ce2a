import Casework
import Identity
import Kernel

/// What each role may do: the one place where the rooms' permissions meet the desk's roles.
enum Roles {
    static let permissions: [Role: Set<Permission>] = [
        .intake: [.readCases, .workCases],
        .analyst: [.readCases, .workCases],
        .senior: [.readCases, .workCases, .grantKeys, .holdCases],
        .childProtection: [.readChildCases, .workCases],
        .legal: [.readCases],
        .statistician: [.readStatistics],
        .auditor: [.readAudit],
        .administrator: [.manageStaff, .manageChildChannel],
    ]
}
