//! Mainnet's factory of Uniswap V2: an account that has created many contracts, and a slot that it never wrote.

use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::{DomainId, Verified, Witnesses};
use valence_coprocessor_ethereum_state_proof::{Address, Slot, StateProof};
use valence_coprocessor_protocol::AlignedBytes;

use crate::{StatementError, word::word};

/// `ethereum-mainnet`: a constant because guests hold no BLAKE3; a test checks it.
pub const MAINNET: DomainId = DomainId::from_bytes([
    0x3b, 0xed, 0x49, 0xbe, 0x44, 0x51, 0x68, 0xb6, 0xab, 0x43, 0x49, 0xce, 0x95, 0x89, 0xaf, 0xc2,
    0x86, 0x79, 0x6d, 0x5c, 0x39, 0xb4, 0x13, 0xa3, 0xfe, 0x40, 0xde, 0x93, 0xcf, 0x5a, 0xdd, 0x43,
]);

/// The contract, `0x5C69bEe701ef814a2B6a3EDD4B1652CB9cc5aA6f`.
pub const FACTORY: Address = Address::from_bytes([
    0x5c, 0x69, 0xbe, 0xe7, 0x01, 0xef, 0x81, 0x4a, 0x2b, 0x6a, 0x3e, 0xdd, 0x4b, 0x16, 0x52, 0xcb,
    0x9c, 0xc5, 0xaa, 0x6f,
]);

/// A slot that nothing was ever written to.
pub const UNWRITTEN: Slot = Slot::from_bytes([
    0x29, 0x0d, 0xec, 0xd9, 0x54, 0x8b, 0x62, 0xa8, 0xef, 0x0d, 0x3e, 0x6a, 0xc1, 0x1e, 0x2d, 0x7b,
    0x95, 0xa4, 0x9e, 0x22, 0xec, 0xf5, 0x7f, 0xc6, 0x04, 0x4b, 0x6f, 0x00, 0x7c, 0xa2, 0xb2, 0xba,
]);

/// What is proven of the factory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factory {
    /// The number of the block.
    pub number: u64,
    /// One more than the contracts that it has created (EIP-161).
    pub nonce: u64,
    /// Keccak of its code.
    pub code_hash: [u8; 32],
    /// The word in the slot; zero is proven by absence.
    pub unwritten: [u8; 32],
}

impl Factory {
    /// `abi.encode` of the fields in order: one word each.
    pub fn encode(&self) -> Vec<u8> {
        [
            word(self.number),
            word(self.nonce),
            self.code_hash,
            self.unwritten,
        ]
        .concat()
    }
}

/// The circuit: its one witness is the state proof of account and slot.
pub fn factory(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, StatementError> {
    if witnesses.len() != 1 {
        let got = witnesses.len();
        return Err(StatementError::WitnessCount { got, expected: 1 });
    }
    let block = witnesses
        .state_proof(0, MAINNET)
        .map_err(StatementError::Witness)?;
    let failed = |error| StatementError::StateProof { error };
    let aligned = AlignedBytes::new(block.proof()).map_err(StatementError::Encoding)?;
    let mut proof = StateProof::decode(aligned.words()).map_err(failed)?;
    let account = proof
        .account(&block.state_root(), &FACTORY)
        .map_err(failed)?;
    let number = block.number();
    let state = *account
        .present()
        .ok_or(StatementError::NoContract { number })?;
    let unwritten = proof.slot(&account, &UNWRITTEN).map_err(failed)?;
    proof.finish().map_err(failed)?;
    let factory = Factory {
        number,
        nonce: state.nonce,
        code_hash: state.code_hash,
        unwritten: unwritten.to_word(),
    };
    Ok(factory.encode())
}
