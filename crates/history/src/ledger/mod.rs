//! The host's side of the history, which keeps one record for each append.
//!
//! An append is a new key at the end of every table but two, whatever the tree looks like: that is what
//! makes it fast in a sorted store, and what keeps every older root provable. docs/decisions has the
//! alternatives.

mod append;
mod proofs;
mod state;
mod walk;

pub use append::{Appended, NewBlock};
pub use state::Ledger;
