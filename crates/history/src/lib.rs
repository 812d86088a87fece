#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod append;
mod error;
mod leaf;
mod ledger;
mod opening;
mod record;

pub use append::{BlockAppend, Place, VerifiedAppend};
pub use error::{AppendError, LedgerError, OpenError};
pub use leaf::{BlockLeaf, DomainLeaf};
pub use ledger::{
    Appended, HEAD_KEY, HistoryTable, Ledger, Neighbours, NewBlock, ReadRecords, Write, block_key,
};
pub use opening::{OpenedStateProof, Opening, OpeningRef, open};
pub use record::{Block, Update};
