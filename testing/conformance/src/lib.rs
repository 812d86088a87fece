//! What every store must do; see the README below.
#![doc = include_str!("../README.md")]

mod concurrency;
mod failing;
mod model;
mod suite;

pub use failing::{FailingStore, InjectedFailure};
pub use suite::run;
