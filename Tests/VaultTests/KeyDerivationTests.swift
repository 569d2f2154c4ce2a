import Dispatch
import Foundation
import Synchronization
import Testing
import Vault

/// Work that stands still until it is let go, and that is counted.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    let started = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    let most = Atomic<Int>(0)

    func pass() {
        self.started.add(1, ordering: .sequentiallyConsistent)
        let (_, now) = self.running.add(1, ordering: .sequentiallyConsistent)
        self.most.max(now, ordering: .sequentiallyConsistent)
        self.semaphore.wait()
        self.running.subtract(1, ordering: .sequentiallyConsistent)
    }

    func open(_ count: Int) { for _ in 0..<count { self.semaphore.signal() } }
}

@Suite(.timeLimit(.minutes(2)))
struct `Derivation of keys` {
    private func derivation(_ key: MasterKey, salt: String = "salt of the system") -> KeyDerivation {
        KeyDerivation(
            masterKey: key,
            systemSalt: Data(salt.utf8),
            cores: 2,
            receiptCost: cheap,
            staffCost: cheap
        )
    }

    @Test func `a receipt code leads to the same keys again, and to others with anything else`() async throws {
        let key = MasterKey.random()
        let (first, again) = (self.derivation(key), self.derivation(key))
        let (otherSalt, otherKey) = (self.derivation(key, salt: "another salt"), self.derivation(.random()))
        let code = ReceiptCode.random()
        let keys = try await first.receipt(code)
        #expect(keys.lookup.utf8.count == 32)
        #expect(try await again.receipt(code).lookup == keys.lookup)
        let sealed = keys.key.seal(Data("x".utf8), SealContext("t"))
        #expect(try await again.receipt(code).key.open(sealed, SealContext("t")) == Data("x".utf8))
        #expect(try await otherSalt.receipt(code).lookup != keys.lookup)
        #expect(try await otherKey.receipt(code).lookup != keys.lookup)
        #expect(try await first.receipt(.random()).lookup != keys.lookup)
        for derivation in [first, again, otherSalt, otherKey] { await derivation.shutdown() }
    }

    @Test func `a password leads to the same keys again, and to others with anything else`() async throws {
        let key = MasterKey.random()
        let (first, other) = (self.derivation(key), self.derivation(.random()))
        let salt = KeyDerivation.newSalt()
        let keys = try await first.staff(password: "une phrase de passe", salt: salt)
        let again = try await first.staff(password: "une phrase de passe", salt: salt, version: keys.version)
        #expect(keys.verifier.count == 32)
        #expect(again.verifier == keys.verifier)
        let sealed = keys.key.seal(Data("x".utf8), SealContext("t"))
        #expect(try again.key.open(sealed, SealContext("t")) == Data("x".utf8))
        let different = [
            try await first.staff(password: "une phrase de passe ", salt: salt),
            try await first.staff(password: "une phrase de passe", salt: KeyDerivation.newSalt()),
            try await other.staff(password: "une phrase de passe", salt: salt),
        ]
        for other in different {
            #expect(other.verifier != keys.verifier)
            #expect(throws: VaultError.wrongKey) { try other.key.open(sealed, SealContext("t")) }
        }
        for derivation in [first, other] { await derivation.shutdown() }
    }

    @Test func `a password opens whichever way the keyboard writes an accent`() async throws {
        let derivation = self.derivation(.random())
        let salt = KeyDerivation.newSalt()
        let composed = try await derivation.staff(password: "caf\u{e9} \u{622}", salt: salt)
        let decomposed = try await derivation.staff(password: "cafe\u{301} \u{627}\u{653}", salt: salt)
        #expect(composed.verifier == decomposed.verifier)
        await derivation.shutdown()
    }

    @Test func `an unknown version of the derivation is refused`() async throws {
        let derivation = self.derivation(.random())
        await #expect(throws: VaultError.unsupportedSuite(9)) {
            try await derivation.staff(password: "x", salt: KeyDerivation.newSalt(), version: 9)
        }
        await derivation.shutdown()
    }

    @Test func `two staff hashes run, twenty wait, the next is refused, and receipts go on`() async throws {
        let derivation = self.derivation(.random())
        let (lane, gate) = (derivation.staffLane, Gate())
        // Otherwise what follows would wait for ever.
        try #require((lane.width, lane.queue) == (2, 20))
        try #require((derivation.receiptLane.width, derivation.receiptLane.queue) == (2, 1024))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<22 { group.addTask { try await lane.run { gate.pass() } } }
            while lane.load < 22 || gate.started.load(ordering: .sequentiallyConsistent) < 2 { await Task.yield() }
            // All 22 are inside, yet only two have begun: the third waits.
            #expect(gate.started.load(ordering: .sequentiallyConsistent) == 2)
            let refusal = await #expect(throws: Overloaded.self) {
                try await derivation.staff(password: "x", salt: KeyDerivation.newSalt())
            }
            #expect((refusal?.retryAfter ?? 0) >= 1)
            #expect(lane.load == 22)
            #expect(try await derivation.receipt(.random()).lookup.utf8.count == 32)
            gate.open(22)
            try await group.waitForAll()
        }
        #expect(gate.most.load(ordering: .sequentiallyConsistent) == 2)
        #expect(lane.load == 0)
        #expect(try await derivation.staff(password: "x", salt: KeyDerivation.newSalt()).verifier.count == 32)
        await derivation.shutdown()
    }

    @Test func `the queue of receipts has 1,024 places`() async throws {
        let derivation = self.derivation(.random())
        let (lane, gate) = (derivation.receiptLane, Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1026 { group.addTask { try await lane.run { gate.pass() } } }
            while lane.load < 1026 { await Task.yield() }
            await #expect(throws: Overloaded.self) { try await derivation.receipt(.random()) }
            gate.open(1026)
            try await group.waitForAll()
        }
        await derivation.shutdown()
    }

    @Test func `whoever leaves the queue is not computed for`() async throws {
        let lane = Lane(width: 1, queue: 5, milliseconds: 1)
        let (gate, never) = (Gate(), Gate())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await lane.run { gate.pass() } }
            while gate.started.load(ordering: .sequentiallyConsistent) < 1 { await Task.yield() }
            let leaver = Task { try await lane.run { never.pass() } }
            while lane.load < 2 { await Task.yield() }
            leaver.cancel()
            gate.open(1)
            await #expect(throws: CancellationError.self) { try await leaver.value }
            try await group.waitForAll()
        }
        #expect(never.started.load(ordering: .sequentiallyConsistent) == 0)
        await lane.shutdown()
        await #expect(throws: CancellationError.self) { try await lane.run {} }
        await lane.shutdown()
    }
}
