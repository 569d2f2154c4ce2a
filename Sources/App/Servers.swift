import Casework
import Foundation
import Hummingbird
import HummingbirdCore
import Kernel
import Logging
import NIOCore
import ServiceLifecycle
import Storage
import WebSupport

/// The listeners: one each for the public, the desk, and this machine's own programs, so that no mistake in a route can
/// show the desk to the public.
enum Servers {
    /// Connections one listener holds at a time; more wait in the system's queue.
    private static let connections = 1000
    /// Seconds without a byte after which a connection is dropped.
    private static let idle: TimeAmount = .seconds(60)

    static func application(
        _ router: Router<AppRequestContext>,
        at address: AppConfig.Address,
        logger: Logger,
        onServerRunning: @escaping @Sendable (any NIOCore.Channel) async -> Void = { _ in }
    ) -> some ApplicationProtocol {
        Application(
            router: router,
            server: .http1(configuration: .init(idleTimeout: Self.idle)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(Self.connections)
            ),
            onServerRunning: onServerRunning,
            logger: logger
        )
    }

    /// `/healthz`, `/readyz` and `/metrics`, on loopback only.
    static func health(_ database: Database, isReady: @escaping @Sendable () -> Bool) -> Router<AppRequestContext> {
        let router = Router(context: AppRequestContext.self)
        router.get("healthz") { _, _ in "ok\n" }
        router.get("readyz") { _, _ -> Response in
            let answers = (try? await database.read { try $0.value(Int.self, "SELECT 1") }) == 1
            return isReady() && answers
                ? Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "ready\n")))
                : Response(status: .serviceUnavailable, body: .init(byteBuffer: ByteBuffer(string: "not ready\n")))
        }
        router.get("metrics") { _, _ -> Response in
            let (backlog, overdue) = try await database.read { tx in
                (
                    try JobQueue.backlog(tx, now: Date()),
                    try Casework.overdueHandovers(tx, today: Day(Date()))
                )
            }
            let text = """
                # HELP cyberconfiance_jobs Jobs by state.
                # TYPE cyberconfiance_jobs gauge
                cyberconfiance_jobs{state="due"} \(backlog.due)
                cyberconfiance_jobs{state="waiting"} \(backlog.waiting)
                cyberconfiance_jobs{state="failed"} \(backlog.failed)
                # HELP cyberconfiance_child_handovers_overdue Reports of the child channel not acknowledged by the partner.
                # TYPE cyberconfiance_child_handovers_overdue gauge
                cyberconfiance_child_handovers_overdue \(overdue)
                # HELP process_resident_memory_bytes Resident memory.
                # TYPE process_resident_memory_bytes gauge
                process_resident_memory_bytes \(Self.residentBytes())

                """
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: text))
            )
        }
        return router
    }

    private static func residentBytes() -> Int {
        // Second number of statm: pages.
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
