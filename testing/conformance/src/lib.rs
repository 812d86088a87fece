//! What every store must do; see the README below.
#![doc = include_str!("../README.md")]

mod concurrency;
mod failing;
mod model;
mod shared;
mod snapshots;
mod suite;

pub use failing::{FailingStore, InjectedFailure};
pub use shared::run_shared;
pub use suite::run;
