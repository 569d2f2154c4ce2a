import Foundation
import Testing
import Vault

struct `Proofs` {
    @Test func `a signature holds for its data and key only`() throws {
        let key = SigningKey(try fixedMasterKey().derive("signing"))
        let signature = key.sign(Data("statement".utf8))
        let published = try VerifyingKey(encoded: key.publicKey.encoded.asSlice)
        #expect(published == key.publicKey)
        #expect(published.isValid(signature: signature, for: Data("statement".utf8)))
        #expect(!published.isValid(signature: signature, for: Data("statement.".utf8)))
        #expect(!published.isValid(signature: Data(), for: Data("statement".utf8)))
        for index in signature.indices {
            let altered = signature.flipped(bit: 3, ofByte: index)
            #expect(!published.isValid(signature: altered, for: Data("statement".utf8)))
        }
        let other = SigningKey(MasterKey.random().derive("signing")).publicKey
        #expect(!other.isValid(signature: signature, for: Data("statement".utf8)))
        #expect(throws: VaultError.malformed) { try VerifyingKey(encoded: random(31)) }
        #expect(throws: VaultError.malformed) { try SigningKey(seed: random(31)) }
    }

    @Test func `a commitment opens with its content and nonce only`() {
        let content = Data("content".utf8)
        let (nonce, value) = Commitment.make(content)
        #expect(Commitment.verify(content, nonce: nonce, value: value))
        #expect(!Commitment.verify(content + Data([0]), nonce: nonce, value: value))
        #expect(!Commitment.verify(content, nonce: random(32), value: value))
        #expect(!Commitment.verify(Data(nonce.suffix(1)) + content, nonce: nonce.dropLast(), value: value))
        #expect(Commitment.make(content).value != value)
    }

    @Test func `leaves of the audit log keep their fields apart`() {
        let leaves = [["a", "bc"], ["ab", "c"], ["abc"], ["abc", ""], ["", "abc"], [], [""]].map(AuditHash.leaf)
        #expect(Set(leaves).count == leaves.count)
    }

    @Test func `the chain shows an edit, a removal and a swap`() {
        let leaves = (0..<20).map { AuditHash.leaf(["row", "\($0)"]) }
        func head(_ leaves: [String]) -> String {
            leaves.reduce("") { AuditHash.chain(previous: $0, leaf: $1) }
        }
        for index in leaves.indices {
            var edited = leaves
            edited[index] = AuditHash.leaf(["row", "other"])
            #expect(head(edited) != head(leaves))
            #expect(AuditHash.root(edited) != AuditHash.root(leaves))
            edited.remove(at: index)
            #expect(head(edited) != head(leaves))
            #expect(AuditHash.root(edited) != AuditHash.root(leaves))
            if index > 0 {
                edited = leaves
                edited.swapAt(index, index - 1)
                #expect(head(edited) != head(leaves))
                #expect(AuditHash.root(edited) != AuditHash.root(leaves))
            }
        }
    }

    @Test func `every leaf of every small tree can be proved, and no other`() throws {
        for size in 1...33 {
            let leaves = (0..<size).map { AuditHash.leaf(["\($0)"]) }
            let root = AuditHash.root(leaves)
            for index in leaves.indices {
                let proof = try #require(AuditHash.inclusionProof(index, leaves))
                func verify(_ leaf: String, _ index: Int, _ proof: [String]) -> Bool {
                    AuditHash.verify(leaf, at: index, size: size, proof: proof, root: root)
                }
                #expect(verify(leaves[index], index, proof))
                #expect(!verify(AuditHash.leaf(["other"]), index, proof))
                #expect(!verify(leaves[index], index, proof + [root]))
                #expect(!verify(leaves[index], size, proof))
                #expect(!verify(leaves[index], -1, proof))
                if size > 1 {
                    #expect(!verify(leaves[index], (index + 1) % size, proof))
                    #expect(!verify(leaves[index], index, proof.dropLast()))
                }
            }
            #expect(AuditHash.inclusionProof(size, leaves) == nil)
        }
    }

    @Test func `rows that are no hashes match nothing and do no harm`() {
        let leaf = AuditHash.leaf(["row"])
        #expect(AuditHash.root(["not hex", leaf]) != AuditHash.root([leaf, leaf]))
        #expect(AuditHash.root(["", leaf]) != AuditHash.root([leaf]))
    }

    @Test func `work is proved by zero bits`() {
        let nonce = HashCash.solve(challenge: "challenge", bits: 10)
        #expect(HashCash.verify(challenge: "challenge", nonce: nonce, bits: 10))
        #expect(HashCash.bits(challenge: "challenge", nonce: nonce) >= 10)
        #expect(!HashCash.verify(challenge: "challenge", nonce: nonce, bits: 60))
        #expect(!HashCash.verify(challenge: "another challenge", nonce: nonce, bits: 30))
        #expect(!HashCash.verify(challenge: "challenge", nonce: String(repeating: "0", count: 65), bits: 0))
    }
}
