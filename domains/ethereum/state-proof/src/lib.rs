#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod account;
mod address;
mod error;
mod field;
mod header;
mod keccak;
mod log;
mod nodes;
mod payload;
mod proof;
mod receipt;
mod rlp;
mod slot;
mod solidity;
mod trie;
mod trusted;

pub use account::{Account, AccountState};
pub use address::Address;
pub use error::{HeaderError, ReceiptError, RlpError, StateProofError, TrieError, ValueError};
pub use field::Field;
pub use header::{BlockHash, CancunFields, Header, encode_header};
pub use keccak::keccak256;
pub use log::{Log, Logs};
pub use nodes::{NodeSet, encode_nodes, encode_state_proof};
pub use payload::BlockPayload;
pub use proof::StateProof;
pub use receipt::{Outcome, Receipt, ReceiptsRoot, TransactionType};
pub use slot::{Slot, SlotValue};
pub use trie::prove;
pub use trusted::TrustedPayload;
