import Foundation
import Identity
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `First start and keys` {
    private func unitBox(_ rooms: Rooms, _ unit: DeskUnit) async throws -> Data? {
        try await rooms.database.read { try Identity.unitBox($0, unit)?.box.encoded }
    }

    @Test(arguments: TestEngine.available)
    func `the first start gives two links, later ones none`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            #expect(links.administrator.text != links.keyHolder.text)
            #expect(try await rooms.identity.invited(links.administrator)?.roles == [.administrator])
            #expect(try await rooms.identity.invited(links.keyHolder)?.roles == [.senior, .childProtection])
            #expect(try await rooms.firstStart() == nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two servers that start at once only one makes keys`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let links = try await withThrowingTaskGroup(of: FirstLinks?.self) { group in
                for _ in 1...4 { group.addTask { try await rooms.firstStart() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(links.compactMap(\.self).count == 1)
            #expect(try await rooms.database.read { try $0.value(Int.self, "SELECT count(*) FROM staff") } == 2)
        }
    }

    @Test(arguments: TestEngine.available)
    func `until the key-holder accepts there is no box to seal to`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            #expect(try await self.unitBox(rooms, .desk) == nil)
            let links = try #require(try await rooms.firstStart())
            #expect(try await self.unitBox(rooms, .desk) == nil)
            _ = try await rooms.accept(links.administrator)
            #expect(try await self.unitBox(rooms, .desk) == nil)
            _ = try await rooms.accept(links.keyHolder)
            #expect(try await self.unitBox(rooms, .desk) != nil)
            #expect(try await self.unitBox(rooms, .child) != nil)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the key-holder's session opens the boxes that reports are sealed to`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let keys = try await rooms.identity.unitKeys(desk.session)
            for unit in DeskUnit.allCases {
                #expect(keys[unit]?.publicBox.encoded == (try await self.unitBox(rooms, unit)))
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the administrator holds no key and can give none`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            #expect(try await rooms.identity.unitKeys(administrator).isEmpty)
            #expect(!administrator.principal.may(.grantKeys))
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.grantKeys(to: desk.administrator.id, by: administrator)
            }
            let held = try await rooms.database.read {
                try $0.value(Int.self, "SELECT count(*) FROM staff_unit_key WHERE staff_id = \(desk.administrator.id)")
            }
            #expect(held == 0)
        }
    }

    @Test(arguments: TestEngine.available)
    func `whom an administrator invites waits for a key until a key-holder grants it`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let link = try await rooms.identity.invite(
                email: "new@desk.example",
                name: "New",
                roles: ["analyst"],
                by: administrator
            )
            #expect(try await rooms.identity.staff(for: desk.session).waiting.isEmpty)
            let analyst = try await rooms.accept(link)
            let session = try await rooms.signIn(analyst)
            #expect(try await rooms.identity.unitKeys(session).isEmpty)
            let waiting = try await rooms.identity.staff(for: desk.session).waiting
            #expect(waiting.map(\.staff.id) == [analyst.id])
            #expect(waiting.first?.units == [.desk])
            try await rooms.identity.grantKeys(to: analyst.id, by: desk.session)
            #expect(try await Array(rooms.identity.unitKeys(session).keys) == [.desk])
            #expect(try await rooms.identity.staff(for: desk.session).waiting.isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `whom a key-holder invites has the keys of their roles at once, and no others`(engine: TestEngine) async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            for (role, units) in [
                (Role.intake, [DeskUnit.desk]), (.analyst, [.desk]), (.legal, [.desk]),
                (.childProtection, [.child]), (.auditor, []), (.statistician, []),
            ] {
                let person = try await rooms.staff([role], "\(role.rawValue)@desk.example", of: desk)
                let session = try await rooms.signIn(person)
                #expect(try await Array(rooms.identity.unitKeys(session).keys) == units, "\(role)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a key is granted only to somebody active whose role needs it`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let auditor = try await rooms.staff([.auditor], "auditor@desk.example", of: desk)
            await #expect(throws: DomainError.conflict("identity.no-key-to-give")) {
                try await rooms.identity.grantKeys(to: auditor.id, by: desk.session)
            }
            await #expect(throws: DomainError.notFound) {
                try await rooms.identity.grantKeys(to: .random(), by: desk.session)
            }
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            try await rooms.identity.disable(analyst.id, by: try await rooms.signIn(desk.administrator))
            await #expect(throws: DomainError.notFound) {
                try await rooms.identity.grantKeys(to: analyst.id, by: desk.session)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the last key-holder and the last administrator cannot be disabled`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            await #expect(throws: DomainError.conflict("identity.last-key-holder")) {
                try await rooms.identity.disable(desk.keyHolder.id, by: administrator)
            }
            #expect(try await self.unitBox(rooms, .desk) != nil)
            #expect(try await self.unitBox(rooms, .child) != nil)
        }
    }
}
