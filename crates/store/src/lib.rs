//! The store port; see the README below.
#![doc = include_str!("../README.md")]

mod batch;
mod error;
mod memory;
mod range;
mod store;
mod table;
mod value;

pub use batch::{Batch, Expectation, Write};
pub use error::StoreError;
pub use memory::MemoryStore;
pub use range::{KeyRange, Order};
pub use store::{Snapshot, Store};
pub use table::{MAX_KEY_BYTES, Table};
pub use value::Value;
