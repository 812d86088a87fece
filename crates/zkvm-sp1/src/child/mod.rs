//! What runs in a prover process.

mod elf;
mod execute;
mod key;
mod light;
mod mode;
mod provers;
mod serve;
mod verify;

pub use mode::{Mode, UnknownMode};
pub use serve::{ChildError, serve};
