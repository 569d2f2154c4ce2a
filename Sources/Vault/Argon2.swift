import CArgon2
import Crypto
import FoundationEssentials
import Glibc

/// What one derivation costs. Larger is safer and slower; changing a default needs a new version in `KeyDerivation`.
package struct Argon2Cost: Sendable, Equatable {
    /// KiB of memory, at least 8.
    package let memoryKiB: UInt32
    /// Passes over the memory, at least 1.
    package let passes: UInt32

    package init(memoryKiB: UInt32, passes: UInt32) {
        self.memoryKiB = memoryKiB
        self.passes = passes
    }

    /// 19 MiB, two passes: enough for receipt codes, which have 79.7 bits of their own.
    package static let receipt = Argon2Cost(memoryKiB: 19 * 1024, passes: 2)
    /// 64 MiB, three passes: for passwords that people chose.
    package static let staff = Argon2Cost(memoryKiB: 64 * 1024, passes: 3)

    /// A rough estimate for `Overloaded.retryAfter`: measured were 34 and 190 ms for the two costs above, so about 1 ms
    /// for each MiB and pass.
    var milliseconds: Int { max(1, Int(self.memoryKiB) * Int(self.passes) / 1024) }
}

/// Argon2id (RFC 9106, version 0x13) through the system's libargon2. The only place that touches it.
package enum Argon2 {
    /// - Parameters:
    ///   - password: P of RFC 9106.
    ///   - salt: S, at least 8 bytes.
    ///   - secret: K, the pepper.
    ///   - associated: X.
    ///   - cost: memory m and passes t.
    ///   - lanes: p, how many slices could be computed in parallel; part of the result, computed on one thread here.
    ///   - count: T, bytes of the result, at least 4.
    /// - Returns: `count` bytes.
    /// - Throws: `derivation` with the library's code: too small a parameter, or no memory.
    package static func id(
        _ password: Data,
        salt: Data,
        secret: Data,
        associated: Data,
        cost: Argon2Cost,
        lanes: UInt32 = 1,
        count: Int
    ) throws(VaultError) -> Data {
        // The library takes non-const pointers, so each argument is a copy that is wiped afterwards.
        var (password, salt, secret, associated) = (Array(password), Array(salt), Array(secret), Array(associated))
        var output = [UInt8](repeating: 0, count: count)
        defer {
            wipe(&password)
            wipe(&secret)
            wipe(&output)
        }
        let code = password.withUnsafeMutableBufferPointer { password in
            salt.withUnsafeMutableBufferPointer { salt in
                secret.withUnsafeMutableBufferPointer { secret in
                    associated.withUnsafeMutableBufferPointer { associated in
                        output.withUnsafeMutableBufferPointer { output in
                            var context = argon2_context()
                            (context.pwd, context.pwdlen) = (password.baseAddress, UInt32(password.count))
                            (context.salt, context.saltlen) = (salt.baseAddress, UInt32(salt.count))
                            (context.secret, context.secretlen) = (secret.baseAddress, UInt32(secret.count))
                            (context.ad, context.adlen) = (associated.baseAddress, UInt32(associated.count))
                            (context.out, context.outlen) = (output.baseAddress, UInt32(output.count))
                            (context.t_cost, context.m_cost) = (cost.passes, cost.memoryKiB)
                            (context.lanes, context.threads) = (lanes, 1)
                            context.version = UInt32(ARGON2_VERSION_13.rawValue)
                            context.allocate_cbk = allocatePages
                            context.free_cbk = freePages
                            return argon2id_ctx(&context)
                        }
                    }
                }
            }
        }
        guard code == ARGON2_OK.rawValue else { throw .derivation(code) }
        return Data(output)
    }
}

/// Memory straight from the kernel: the C library would keep freed blocks of this size for each thread for ever. The
/// library wipes the memory before it gives it back.
private func allocatePages(_ memory: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?, _ count: Int) -> CInt {
    let pages = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let memory, let pages, pages != MAP_FAILED else { return ARGON2_MEMORY_ALLOCATION_ERROR.rawValue }
    memory.pointee = pages.assumingMemoryBound(to: UInt8.self)
    return ARGON2_OK.rawValue
}

private func freePages(_ memory: UnsafeMutablePointer<UInt8>?, _ count: Int) {
    if let memory { munmap(memory, count) }
}

private func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { if let start = $0.baseAddress { explicit_bzero(start, $0.count) } }
}
