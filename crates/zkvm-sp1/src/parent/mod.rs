//! What runs in the service: prover processes, kept and watched.

mod children;
mod config;
mod cuda;
mod memory;
mod pool;
mod process;
mod tuning;

pub use children::Sp1Children;
pub use config::{ChildConfig, PROVER_NAME, Requirements};
