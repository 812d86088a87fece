//! What the benches set up; see the README below.
#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "a bench whose set-up fails has nothing to report but that"
)]

mod chain;
mod openings;
mod reader;

pub use chain::{Chain, DOMAIN};
pub use openings::{OPENING_CYCLES, Openings, openings};
pub use reader::SnapshotReader;
