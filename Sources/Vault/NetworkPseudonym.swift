import FoundationEssentials
import Glibc

/// Counts attempts by network without keeping addresses: a keyed hash of the network, with another key every day, so
/// that counters of different days cannot be joined and without the master key not be reversed.
package struct NetworkPseudonym: Sendable {
    private let key: DerivedKey

    package init(masterKey: MasterKey) { self.key = masterKey.derive("network-pseudonym") }

    /// 16 hexadecimal digits: HMAC-SHA256 of the /24 of an IPv4 or the /48 of an IPv6 address, cut to 8 bytes. An IPv4
    /// address written as IPv6 (`::ffff:192.0.2.1`) counts as IPv4; all that is no address shares one pseudonym. The
    /// day is for instance `2026-11-25`.
    package func of(address: String, day: String) -> String {
        var message = Framed("network")
        message.add(Self.network(address))
        return self.key.derive("network-pseudonym/\(day)").authenticate(message.bytes).prefix(8).hex
    }

    private static func network(_ address: String) -> Data {
        var four = in_addr()
        if inet_pton(AF_INET, address, &four) == 1 {
            return Data([4]) + withUnsafeBytes(of: four) { Data($0.prefix(3)) }
        }
        var six = in6_addr()
        // A zone (`fe80::1%eth0`) names one of our own interfaces.
        let bare = address.split(separator: "%", maxSplits: 1).first.map(String.init) ?? ""
        guard inet_pton(AF_INET6, bare, &six) == 1 else { return Data() }
        let bytes = withUnsafeBytes(of: six) { Data($0) }
        let mapped = Data(count: 10) + Data([0xff, 0xff])
        return bytes.prefix(12) == mapped ? Data([4]) + bytes[12..<15] : Data([6]) + bytes.prefix(6)
    }
}
