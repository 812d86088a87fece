//! What the benches set up; see the README below.
#![doc = include_str!("../README.md")]

mod chain;
mod reader;

pub use chain::{Chain, DOMAIN};
pub use reader::SnapshotReader;
