//! What the circuit fixes beside the domain: the contract, and where the contract keeps its balances.

use valence_coprocessor_ethereum_state_proof::{Address, Slot};

/// The token of the demo: what account 0 of a development node creates first, with its balances in slot 0.
pub const DEMO_TOKEN: Token = Token {
    contract: Address::from_bytes([
        0x5f, 0xbd, 0xb2, 0x31, 0x56, 0x78, 0xaf, 0xec, 0xb3, 0x67, 0xf0, 0x32, 0xd9, 0x3f, 0x64,
        0x2f, 0x64, 0x18, 0x0a, 0xa3,
    ]),
    balances: 0,
    flag_bits: 0,
};

/// USDC on Ethereum's mainnet. Since version 2.2 the top bit of a balance says whether the holder is blocked.
pub const USDC: Token = Token {
    contract: Address::from_bytes([
        0xa0, 0xb8, 0x69, 0x91, 0xc6, 0x21, 0x8b, 0x36, 0xc1, 0xd1, 0x9d, 0x4a, 0x2e, 0x9e, 0xb0,
        0xce, 0x36, 0x06, 0xeb, 0x48,
    ]),
    balances: 9,
    flag_bits: 0x80,
};

/// A token that keeps its balances in a Solidity mapping from the holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// The contract.
    pub contract: Address,
    /// The slot of the mapping.
    pub balances: u64,
    /// Bits of a balance's first byte that mean something else.
    pub flag_bits: u8,
}

impl Token {
    /// The slot of a holder's balance.
    pub fn slot(&self, holder: &Address) -> Slot {
        Slot::variable(self.balances).entry_of(holder)
    }

    /// The balance in the word that is stored.
    pub const fn balance(&self, mut word: [u8; 32]) -> [u8; 32] {
        word[0] &= !self.flag_bits;
        word
    }
}
