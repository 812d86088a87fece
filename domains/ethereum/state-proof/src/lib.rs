#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod account;
mod address;
mod error;
mod header;
mod keccak;
mod proof;
mod rlp;
mod slot;
mod trie;
mod trusted;

pub use account::{Account, AccountState};
pub use address::Address;
pub use error::{HeaderError, RlpError, StateProofError, TrieError};
pub use header::{BlockHash, Header, encode_header};
pub use keccak::keccak256;
pub use proof::{NodeList, StateProof, encode_state_proof};
pub use slot::{Slot, SlotValue};
pub use trie::prove;
pub use trusted::TrustedPayload;
