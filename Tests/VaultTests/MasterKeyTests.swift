import Foundation
import Testing
import Vault

struct `The master key` {
    private func inFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "vault-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder + "/master.key")
    }

    private func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `is found again in its file, which only its owner can read`() throws {
        try self.inFolder { path in
            let made = try MasterKey.create(path: path)
            #expect(try self.mode(path) == 0o400)
            #expect(try MasterKey.load(path: path).derive("x") == made.derive("x"))
        }
    }

    @Test func `is never overwritten`() throws {
        try self.inFolder { path in
            let made = try MasterKey.create(path: path)
            #expect(throws: VaultError.self) { try MasterKey.create(path: path) }
            #expect(try MasterKey.load(path: path).derive("x") == made.derive("x"))
        }
    }

    @Test(arguments: [0o440, 0o404, 0o420, 0o402, 0o410, 0o777])
    func `is refused when others could have read or changed it`(permissions: Int) throws {
        try self.inFolder { path in
            _ = try MasterKey.create(path: path)
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: path)
            #expect {
                try MasterKey.load(path: path)
            } throws: { error in
                guard case .keyFile(let sentence)? = error as? VaultError else { return false }
                return sentence.contains("chmod 0400")
            }
        }
    }

    @Test func `is refused when the file is missing, a folder, of another length or empty of sense`() throws {
        try self.inFolder { path in
            #expect(throws: VaultError.self) { try MasterKey.load(path: path) }
            #expect(throws: VaultError.self) { try MasterKey.load(path: "/") }
            #expect(throws: VaultError.self) { try MasterKey.create(path: path + "/no/such/folder") }
            for content in [Data(), random(31), random(33), random(64), Data(count: 32)] {
                try content.write(to: URL(filePath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                #expect(throws: VaultError.self) { try MasterKey.load(path: path) }
            }
        }
        #expect(throws: VaultError.malformed) { try MasterKey(bytes: random(31)) }
        #expect(throws: VaultError.malformed) { try ContentKey(bytes: random(33)) }
    }

    @Test func `gives one key for each label, and another installation others`() throws {
        let key = try fixedMasterKey()
        #expect(key.derive("a") == key.derive("a"))
        #expect(key.derive("a") != key.derive("b"))
        #expect(key.derive("a") != MasterKey.random().derive("a"))
        #expect(key.derive("a").derive("b") != key.derive("b"))
    }
}
