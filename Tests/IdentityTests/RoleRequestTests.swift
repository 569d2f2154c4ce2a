import Casework
import Foundation
import Identity
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `Roles that two people decide` {
    private func roles(_ rooms: Rooms, _ person: Person) async throws -> Set<Role> {
        let id = person.id
        let stored = try await rooms.database.read {
            try $0.value(JSON<[Role]>.self, "SELECT roles FROM staff WHERE id = \(id)")
        }
        return Set(stored?.wrappedValue ?? [])
    }

    private func lastEntry(_ rooms: Rooms) async throws -> AuditLog.Entry? {
        try await rooms.database.read { try AuditLog.entries($0, limit: 1) }.first
    }

    @Test(arguments: TestEngine.available)
    func `who asked cannot approve, nor whom it is for; a second person can, and gives the keys`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            let token = try await rooms.token(analyst)
            let waits = try await rooms.identity.changeRoles(
                of: analyst.id,
                to: ["analyst", "senior", "child-protection"],
                by: administrator
            )
            #expect(waits)
            #expect(try await self.roles(rooms, analyst) == [.analyst])
            #expect(try await rooms.identity.resume(token) != nil)
            let request = try #require(try await rooms.identity.roleRequests(for: desk.session).first)
            #expect(request.roles == [.senior, .childProtection])
            await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                try await rooms.identity.decide(request.id, .approved, by: administrator)
            }
            #expect(try await self.lastEntry(rooms)?.details == ["action": "identity.roles-approved"])
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.decide(
                    request.id,
                    .approved,
                    by: try #require(try await rooms.identity.resume(token))
                )
            }
            try await rooms.identity.decide(request.id, .approved, by: desk.session)
            #expect(try await self.roles(rooms, analyst) == [.analyst, .senior, .childProtection])
            // Their session ended; the next one has the new keys.
            #expect(try await rooms.identity.resume(token) == nil)
            let session = try await rooms.signIn(analyst)
            #expect(Set(try await rooms.identity.unitKeys(session).keys) == [.desk, .child])
            #expect(try await rooms.identity.roleRequests(for: desk.session).isEmpty)
            await #expect(throws: DomainError.notFound) {
                try await rooms.identity.decide(request.id, .refused, by: desk.session)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a request can be refused or withdrawn, and only one waits for a person`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            for decision in [RoleRequest.Decision.refused, .withdrawn] {
                _ = try await rooms.identity.changeRoles(of: analyst.id, to: ["analyst", "legal"], by: administrator)
                await #expect(throws: DomainError.conflict("identity.request-open")) {
                    try await rooms.identity.changeRoles(of: analyst.id, to: ["analyst", "senior"], by: desk.session)
                }
                let request = try #require(try await rooms.identity.roleRequests(for: desk.session).first)
                await #expect(throws: DomainError.forbidden) {
                    try await rooms.identity.decide(request.id, .withdrawn, by: desk.session)
                }
                try await rooms.identity.decide(
                    request.id,
                    decision,
                    by: decision == .refused ? desk.session : administrator
                )
                #expect(try await self.roles(rooms, analyst) == [.analyst])
                #expect(try await self.lastEntry(rooms)?.action == "identity.roles-\(decision.rawValue)")
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `nobody touches their own roles, and a colleague without the right touches none`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            for (person, session) in [(desk.administrator, administrator), (desk.keyHolder, desk.session)] {
                await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                    try await rooms.identity.changeRoles(of: person.id, to: ["auditor"], by: session)
                }
                #expect(try await self.lastEntry(rooms)?.action == "identity.refused")
            }
            let session = try await rooms.signIn(analyst)
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.changeRoles(of: desk.keyHolder.id, to: ["auditor"], by: session)
            }
            // A key-holder asks for roles, and takes none away.
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.changeRoles(of: analyst.id, to: ["intake"], by: desk.session)
            }
            #expect(try await self.roles(rooms, analyst) == [.analyst])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a role that is taken away takes the key it needed with it at once`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let both = try await rooms.staff([.analyst, .childProtection], "both@desk.example", of: desk)
            let token = try await rooms.token(both)
            #expect(try await !rooms.identity.changeRoles(of: both.id, to: ["analyst"], by: administrator))
            #expect(try await rooms.identity.resume(token) == nil)
            let session = try await rooms.signIn(both)
            #expect(try await Array(rooms.identity.unitKeys(session).keys) == [.desk])
            // What an invitation carries goes the same way.
            let link = try await rooms.identity.invite(
                email: "guest@desk.example",
                name: "Guest",
                roles: ["analyst"],
                by: desk.session
            )
            let id = try #require(try await rooms.identity.invited(link)?.id)
            _ = try await rooms.identity.changeRoles(of: id, to: ["statistician"], by: administrator)
            let guest = try await rooms.accept(link)
            #expect(try await rooms.identity.unitKeys(try await rooms.signIn(guest)).isEmpty)
        }
    }

    @Test(arguments: TestEngine.available)
    func `a role that approves is asked for in an invitation, and given by a second person`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            for (role, inviter, second) in [
                (Role.senior, desk.session, administrator), (.administrator, administrator, desk.session),
            ] {
                let link = try await rooms.identity.invite(
                    email: "\(role.rawValue)@desk.example",
                    name: "Somebody",
                    roles: [role.rawValue],
                    by: inviter
                )
                let person = try await rooms.accept(link)
                #expect(try await self.roles(rooms, person).isEmpty)
                let session = try await rooms.signIn(person)
                #expect(session.principal.permissions.isEmpty)
                #expect(try await rooms.identity.unitKeys(session).isEmpty)
                let request = try #require(try await rooms.identity.roleRequests(for: second).first)
                await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                    try await rooms.identity.decide(request.id, .approved, by: inviter)
                }
                try await rooms.identity.decide(request.id, .approved, by: second)
                #expect(try await self.roles(rooms, person) == [role])
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `administration and a reading role do not meet, however they are asked for`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            await #expect(throws: InputErrors("error.roles-apart", for: "roles")) {
                try await rooms.identity.changeRoles(
                    of: desk.keyHolder.id,
                    to: ["senior", "child-protection", "administrator"],
                    by: administrator
                )
            }
            // Two requests that are harmless each: the second is measured against what the first has given.
            let auditor = try await rooms.staff([.auditor], "auditor@desk.example", of: desk)
            _ = try await rooms.identity.changeRoles(of: auditor.id, to: ["auditor", "analyst"], by: desk.session)
            let request = try #require(try await rooms.identity.roleRequests(for: administrator).first)
            try await rooms.database.write {
                try $0.execute("UPDATE staff SET roles = \(JSON([Role.administrator])) WHERE id = \(auditor.id)")
            }
            await #expect(throws: DomainError.conflict("identity.roles-apart")) {
                try await rooms.identity.decide(request.id, .approved, by: administrator)
            }
            #expect(try await rooms.identity.roleRequests(for: administrator).count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `the last administrator and the last key-holder stay`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            await #expect(throws: DomainError.conflict("identity.last-key-holder")) {
                try await rooms.identity.disable(desk.keyHolder.id, by: administrator)
            }
            // A second holder of the desk's key alone does not replace who also holds the children's.
            let second = try await rooms.staff([.analyst], "second@desk.example", of: desk)
            func give(_ roles: [String]) async throws {
                _ = try await rooms.identity.changeRoles(of: second.id, to: roles, by: administrator)
                let request = try #require(try await rooms.identity.roleRequests(for: desk.session).first)
                try await rooms.identity.decide(request.id, .approved, by: desk.session)
            }
            try await give(["analyst", "senior"])
            for roles in [["senior"], ["child-protection"]] {
                await #expect(throws: DomainError.conflict("identity.last-key-holder")) {
                    try await rooms.identity.changeRoles(of: desk.keyHolder.id, to: roles, by: administrator)
                }
            }
            try await give(["analyst", "senior", "child-protection"])
            try await rooms.identity.disable(desk.keyHolder.id, by: administrator)
            let holder = try await rooms.signIn(second)
            #expect(try await rooms.identity.unitKeys(holder).count == 2)

            // Whoever administers: one may end the other, and then is the last.
            let other = try await rooms.accept(
                try await rooms.identity.inviteBySystem(
                    email: "other@desk.example",
                    name: "Other",
                    roles: ["administrator"]
                )
            )
            let fresh = try await rooms.signIn(other)
            try await rooms.identity.disable(desk.administrator.id, by: fresh)
            await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                try await rooms.identity.disable(other.id, by: fresh)
            }
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.changeRoles(of: other.id, to: ["auditor"], by: holder)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two administrators who end each other at once one stays`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let other = try await rooms.accept(
                try await rooms.identity.inviteBySystem(
                    email: "other@desk.example",
                    name: "Other",
                    roles: ["administrator"]
                )
            )
            let sessions = [
                (try await rooms.signIn(desk.administrator), other.id),
                (try await rooms.signIn(other), desk.administrator.id),
            ]
            await withTaskGroup(of: Void.self) { group in
                for (session, id) in sessions { group.addTask { try? await rooms.identity.disable(id, by: session) } }
            }
            let count = try await rooms.database.read {
                try $0.value(
                    Int.self,
                    "SELECT count(*) FROM staff WHERE state = 'active' AND id IN \(list: [other.id, desk.administrator.id])"
                )
            }
            #expect(count == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `everything that changes who may do what needs a fresh second factor`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            let tokens = (try await rooms.token(desk.administrator), try await rooms.token(desk.keyHolder))
            let administrator = try #require(try await rooms.identity.resume(tokens.0))
            _ = try await rooms.identity.changeRoles(of: analyst.id, to: ["analyst", "legal"], by: administrator)
            rooms.clock.advance(10 * 60)
            let stale = try #require(try await rooms.identity.resume(tokens.0))
            let holder = try #require(try await rooms.identity.resume(tokens.1))
            let request = try #require(try await rooms.identity.roleRequests(for: holder).first)
            let identity = rooms.identity
            let acts: [@Sendable () async throws -> Void] = [
                { _ = try await identity.invite(email: "x@y.example", name: "Some", roles: ["intake"], by: stale) },
                { _ = try await identity.changeRoles(of: analyst.id, to: ["intake"], by: stale) },
                { try await identity.disable(analyst.id, by: stale) },
                { _ = try await identity.reissue(analyst.id, by: stale) },
                { try await identity.grantKeys(to: analyst.id, by: holder) },
                { try await identity.decide(request.id, .approved, by: holder) },
                { _ = try await identity.renewRecovery(by: holder) },
                { try await identity.replaceFactor(secret: TOTP.newSecret(), code: "000000", by: holder) },
            ]
            for act in acts { await #expect(throws: DomainError.conflict("identity.not-fresh")) { try await act() } }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the database itself refuses an approval by who asked`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            _ = try await rooms.identity.changeRoles(of: analyst.id, to: ["analyst", "legal"], by: administrator)
            for id in [desk.administrator.id, analyst.id] {
                await #expect(throws: StorageError.check("role_request_two_people")) {
                    try await rooms.database.write {
                        try $0.execute(
                            "UPDATE role_request SET decision = 'approved', decided_by = \(id), decided_at = 1"
                        )
                    }
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `administrators, auditors and statisticians read no report`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let id = try await rooms.report("Not for them.").report.id
            let auditor = try await rooms.staff([.auditor], "auditor@desk.example", of: desk)
            let statistician = try await rooms.staff([.statistician], "statistician@desk.example", of: desk)
            for person in [desk.administrator, auditor, statistician] {
                let session = try await rooms.signIn(person)
                #expect(try await rooms.identity.unitKeys(session).isEmpty)
                let access = try await rooms.access(session)
                await #expect(throws: DomainError.self) { try await rooms.casework.open(id, for: access) }
                await #expect(throws: DomainError.self) { try await rooms.casework.queue(QueueFilter(), for: access) }
                await #expect(throws: DomainError.self) { try await rooms.casework.search("Not", for: access) }
            }
        }
    }
}
