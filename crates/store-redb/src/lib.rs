//! The embedded store; see the README below.
#![doc = include_str!("../README.md")]

mod error;
mod snapshot;
mod store;

pub use error::OpenError;
pub use store::{FILE_NAME, RedbStore};
