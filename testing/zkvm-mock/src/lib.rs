#![doc = include_str!("../README.md")]
//! A scripted zkVM for tests.

mod gate;
mod scripted;

pub use gate::Gate;
pub use scripted::{ScriptedZkvm, forge_proof};
