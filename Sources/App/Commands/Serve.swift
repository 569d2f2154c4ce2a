import ArgumentParser
import DataFiles
import Foundation
import Hummingbird
import Identity
import Kernel
import Logging
import ServiceLifecycle
import Storage
import StoragePostgres
import UnixSignals
import Vault

enum SurfaceName: String, ExpressibleByArgument, CaseIterable { case portal, desk }

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Run the server.")

    @Flag(help: "A demonstration: invented staff and reports, and a tour without passwords.")
    var demo = false

    @Flag(help: "Bring the database's schema up to date first, as `migrate` does.")
    var migrate = false

    @Option(help: "What this process offers, separated by commas: portal, desk.")
    var surfaces = "portal,desk"

    func run() async throws {
        let config = try AppConfig.fromProcess()
        let wanted = self.surfaces.split(separator: ",").map(String.init)
        let surfaces = wanted.compactMap(SurfaceName.init(rawValue:))
        guard !surfaces.isEmpty, surfaces.count == wanted.count else {
            throw ValidationError("--surfaces knows \(SurfaceName.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if self.demo, config.isProduction { throw ValidationError("--demo and MODE=production exclude each other") }
        let logger = Logging.make(config)
        let start = try await Startup(config, isDemo: self.demo, migrates: self.migrate, logger: logger)
        let house = start.house
        let ready = Ready()

        var services: [any Service] = [start.worker, start.mailWorker]
        if surfaces.contains(.portal) {
            services.append(
                Servers.application(house.portal(), at: config.publicAddress, logger: logger) { _ in ready.done() }
            )
        }
        if surfaces.contains(.desk) {
            services.append(
                Servers.application(house.desk(), at: config.deskAddress, logger: logger) { _ in ready.done() }
            )
        }
        services.append(try AdminSocket(folder: config.dataFolder, actions: start.actions, logger: logger))
        let health = Servers.health(start.database) { ready.count >= surfaces.count }
        services.append(Servers.application(health, at: config.healthAddress, logger: logger))
        start.announce(surfaces)

        let group = ServiceGroup(
            configuration: .init(
                services: services.map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger
            )
        )
        try await group.run()
        try? await start.database.checkpoint()
        try? await start.database.close()
    }
}
