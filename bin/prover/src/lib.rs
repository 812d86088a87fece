#![doc = include_str!("../README.md")]
//! The prover process and its command line.

mod arguments;
mod child;
mod command;

pub use child::{child_main, is_child};
pub use command::run;
