import Foundation
import Identity
import Intake
import Kernel
import RoomsTesting
import Storage
import StorageTesting
import Testing
import Vault

@Suite struct `A lost password` {
    private let next = "girofle-marteau-ciel-banquise"

    private func recover(
        _ rooms: Rooms,
        _ person: Person,
        email: String? = nil,
        key: String? = nil,
        code: String? = nil,
        password: String? = nil,
        network: String = "home"
    ) async throws -> String {
        try await rooms.identity.recover(
            email: email ?? person.email,
            recoveryKey: key ?? person.enrolment.recoveryKey,
            code: code ?? rooms.code(person.secret),
            newPassword: password ?? self.next,
            network: network
        )
    }

    private func enter(_ rooms: Rooms, _ person: Person, _ password: String) async throws -> StaffSession? {
        rooms.clock.advance(30)
        let token = try await rooms.identity.signIn(
            email: person.email,
            password: password,
            code: rooms.code(person.secret),
            network: "home"
        )
        return try await rooms.identity.resume(token)
    }

    @Test(arguments: TestEngine.available)
    func `the recovery key keeps access, ends all sessions and is used up`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let report = try await rooms.report("Before the loss.")
            let id = report.report.id
            let token = try await rooms.token(desk.keyHolder)
            rooms.clock.advance(30)
            let typed = desk.keyHolder.enrolment.recoveryKey.lowercased().replacing("-", with: " ")
            let key = try await self.recover(rooms, desk.keyHolder, email: " KEYS@desk.example ", key: typed)
            #expect(key != desk.keyHolder.enrolment.recoveryKey)
            #expect(try await rooms.identity.resume(token) == nil)
            await #expect(throws: Identity.Refused.self) {
                try await self.enter(rooms, desk.keyHolder, Rooms.password)
            }
            let session = try #require(try await self.enter(rooms, desk.keyHolder, self.next))
            #expect(try await rooms.reads("Before the loss.", in: id, as: session))
            rooms.clock.advance(30)
            await #expect(throws: Identity.Refused.self) { try await self.recover(rooms, desk.keyHolder) }
            _ = try await self.recover(rooms, desk.keyHolder, key: key, password: "cactus-lanterne-brume-ocarina")
        }
    }

    @Test(arguments: TestEngine.available)
    func `without the second factor it opens nothing, and a code from paper is one`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            // The code of the enrolment is used up.
            for code in ["", "000000", rooms.code(desk.administrator.secret)] {
                await #expect(throws: Identity.Refused.self) {
                    try await self.recover(rooms, desk.keyHolder, code: code)
                }
            }
            let paper = desk.keyHolder.enrolment.recoveryCodes[3]
            let key = try await self.recover(rooms, desk.keyHolder, code: paper)
            await #expect(throws: Identity.Refused.self) {
                try await self.recover(rooms, desk.keyHolder, key: key, code: paper)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `a wrong address, key, code or account are one answer`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let gone = try await rooms.staff([.analyst], "gone@desk.example", of: desk)
            try await rooms.identity.disable(gone.id, by: try await rooms.signIn(desk.administrator))
            rooms.clock.advance(30)
            let foreign = desk.administrator.enrolment.recoveryKey
            for (number, key) in [foreign, "", "x", String(foreign.dropLast())].enumerated() {
                await #expect(throws: Identity.Refused.self) {
                    try await self.recover(rooms, desk.keyHolder, key: key, network: "\(number)")
                }
            }
            await #expect(throws: Identity.Refused.self) { try await self.recover(rooms, gone) }
            for (number, text) in NaughtyStrings.own.enumerated() {
                await #expect(throws: Identity.Refused.self) {
                    try await self.recover(
                        rooms,
                        desk.keyHolder,
                        email: text,
                        key: text,
                        code: text,
                        network: "n\(number)"
                    )
                }
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `tries count together with those of the sign-in`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            rooms.clock.advance(30)
            for _ in 1...5 {
                await #expect(throws: Identity.Refused.self) {
                    try await self.recover(rooms, desk.keyHolder, key: "x", network: "attacker")
                }
                await #expect(throws: Identity.Refused.self) {
                    try await rooms.identity.signIn(
                        email: desk.keyHolder.email,
                        password: "x",
                        code: "x",
                        network: "attacker"
                    )
                }
            }
            await #expect(throws: DomainError.self) {
                try await self.recover(rooms, desk.keyHolder, network: "attacker")
            }
            _ = try await self.recover(rooms, desk.keyHolder, network: "home")
        }
    }

    @Test(arguments: TestEngine.available)
    func `of two recoveries at once one succeeds`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let codes = desk.keyHolder.enrolment.recoveryCodes
            let done = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<4 {
                    group.addTask {
                        (try? await self.recover(rooms, desk.keyHolder, code: codes[number])) != nil
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(done == 1)
        }
    }

    @Test(arguments: TestEngine.available)
    func `new codes and a new key put the old ones out of use`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let old = desk.keyHolder.enrolment
            let new = try await rooms.identity.renewRecovery(by: desk.session)
            #expect(new.recoveryCodes.count == 10 && Set(new.recoveryCodes).isDisjoint(with: old.recoveryCodes))
            await #expect(throws: Identity.Refused.self) {
                try await self.recover(rooms, desk.keyHolder, key: old.recoveryKey, code: new.recoveryCodes[0])
            }
            await #expect(throws: Identity.Refused.self) {
                try await self.recover(rooms, desk.keyHolder, key: new.recoveryKey, code: old.recoveryCodes[0])
            }
            _ = try await self.recover(rooms, desk.keyHolder, key: new.recoveryKey, code: new.recoveryCodes[0])
        }
    }

    @Test(arguments: TestEngine.available)
    func `a reissued account has a new key pair and reads nothing until a key-holder grants it`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let analyst = try await rooms.staff([.analyst], "analyst@desk.example", of: desk)
            let token = try await rooms.token(analyst)
            let administrator = try await rooms.signIn(desk.administrator)
            let link = try await rooms.identity.reissue(analyst.id, by: administrator)
            #expect(try await rooms.identity.resume(token) == nil)
            await #expect(throws: Identity.Refused.self) { try await rooms.token(analyst) }
            await #expect(throws: Identity.Refused.self) { try await self.recover(rooms, analyst) }
            let again = try await rooms.accept(link)
            #expect(again.id == analyst.id)
            let session = try await rooms.signIn(again)
            #expect(try await rooms.identity.unitKeys(session).isEmpty)
            #expect(try await rooms.identity.staff(for: desk.session).waiting.map(\.staff.id) == [analyst.id])
            try await rooms.identity.grantKeys(to: analyst.id, by: desk.session)
            #expect(try await rooms.identity.unitKeys(session).keys.map(\.rawValue) == ["desk"])
            let actions = try await rooms.database.read { try AuditLog.entries($0, subject: "\(analyst.id)") }
                .map(\.action)
            #expect(actions.contains("identity.reissued"))
        }
    }

    @Test(arguments: TestEngine.available)
    func `nobody reissues for themselves, and the refusal is in the log`(engine: TestEngine) async throws {
        try await Rooms.with(engine) { rooms in
            let desk = try await rooms.openDesk()
            let administrator = try await rooms.signIn(desk.administrator)
            for (person, session) in [(desk.keyHolder, desk.session), (desk.administrator, administrator)] {
                await #expect(throws: DomainError.conflict("identity.not-oneself")) {
                    try await rooms.identity.reissue(person.id, by: session)
                }
                let entry = try await rooms.database.read { try AuditLog.entries($0, limit: 1) }.first
                #expect(entry?.action == "identity.refused")
                #expect(entry?.details == ["action": "identity.reissued"])
            }
            // A key-holder does not reissue for others either.
            await #expect(throws: DomainError.forbidden) {
                try await rooms.identity.reissue(desk.administrator.id, by: desk.session)
            }
        }
    }

    @Test(arguments: TestEngine.available)
    func `the account of the last key-holder is not begun anew, nor a link that alone carries keys`(engine: TestEngine)
        async throws
    {
        try await Rooms.with(engine) { rooms in
            let links = try #require(try await rooms.firstStart())
            let administrator = try await rooms.signIn(try await rooms.accept(links.administrator))
            let id = try #require(try await rooms.identity.invited(links.keyHolder)?.id)
            for _ in 1...2 {
                await #expect(throws: DomainError.conflict("identity.last-key-holder")) {
                    try await rooms.identity.reissue(id, by: administrator)
                }
                await #expect(throws: DomainError.conflict("identity.last-key-holder")) {
                    try await rooms.identity.disable(id, by: administrator)
                }
                // Once more when the link was accepted.
                if try await rooms.identity.invited(links.keyHolder) != nil {
                    _ = try await rooms.accept(links.keyHolder)
                }
            }
        }
    }
}
