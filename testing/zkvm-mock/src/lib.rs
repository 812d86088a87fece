#![doc = include_str!("../README.md")]
//! A scripted zkVM for tests.

mod gate;
mod scripted;
mod worker;

pub use gate::Gate;
pub use scripted::{ScriptedZkvm, forge_proof};
pub use worker::ScriptedWorker;
