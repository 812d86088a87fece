#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod append;
mod error;
mod leaf;
mod ledger;
mod opening;
mod record;
mod tables;
mod update;

pub use append::{BlockAppend, Place, VerifiedAppend};
pub use error::{AppendError, LedgerError, OpenError};
pub use leaf::{BlockLeaf, DomainLeaf};
pub use ledger::{Appended, Ledger, NewBlock};
pub use opening::{OpenedStateProof, Opening, OpeningRef, open};
pub use tables::{HEAD_KEY, HistoryTable, Neighbours, ReadRecords, Write, block_key};
pub use update::{Block, Update};
