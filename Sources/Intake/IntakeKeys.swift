import Vault

/// The keys intake works with, all derived from the installation's master key.
package struct IntakeKeys: Sendable {
    let derivation: KeyDerivation
    /// From a form token to the code it shows.
    let receiptCodes: DerivedKey
    let signing: SigningKey
    private let indexKey: DerivedKey
    /// Tells a file that was sent again from a new one.
    let fileIndex: BlindIndex

    package init(master: MasterKey, derivation: KeyDerivation) {
        self.derivation = derivation
        self.receiptCodes = master.derive("receipt-codes")
        self.signing = SigningKey(master.derive("receipt-signing"))
        self.indexKey = master.derive("blind-index")
        self.fileIndex = BlindIndex(key: master.derive("attachment-once"), version: 1)
    }

    /// - Parameter version: 1 at first, one more with every rotation.
    func index(_ version: Int) -> BlindIndex { BlindIndex(key: self.indexKey, version: version) }

    /// Published, so that a receipt can be checked by anybody.
    package var verifying: VerifyingKey { self.signing.publicKey }
}
