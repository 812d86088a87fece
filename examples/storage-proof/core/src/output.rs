//! What the circuit outputs: the proven balance, in Solidity's ABI.

use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::{DomainId, StateRoot};
use valence_coprocessor_ethereum_state_proof::Address;

/// A proven balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The domain of the block.
    pub domain: DomainId,
    /// The number of the block.
    pub number: u64,
    /// The time of the block, seconds since 1970.
    pub timestamp: u64,
    /// The state root of the block.
    pub state_root: StateRoot,
    /// The token's contract.
    pub token: Address,
    /// Whose balance it is.
    pub holder: Address,
    /// The balance, big-endian.
    pub balance: [u8; 32],
}

impl Balance {
    /// `abi.encode` of the fields in order: one word each.
    pub fn encode(&self) -> Vec<u8> {
        [
            *self.domain.as_bytes(),
            word(self.number),
            word(self.timestamp),
            *self.state_root.as_bytes(),
            self.token.to_word(),
            self.holder.to_word(),
            self.balance,
        ]
        .concat()
    }
}

fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}
