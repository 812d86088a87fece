#![doc = include_str!("../README.md")]
//! The prover process, the worker, and their command line.

mod arguments;
mod backend;
mod child;
mod command;
mod logging;
mod secret;
mod serve;

pub use child::{child_main, is_child};
pub use command::run;
pub use secret::worker_secret;
