#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod error;
mod header;
pub mod hex;
mod list_trie;
mod receipt;
mod rlp;

pub use error::AnswerError;
pub use header::BlockHeader;
pub use list_trie::list_nodes;
pub use receipt::encode_receipt;
