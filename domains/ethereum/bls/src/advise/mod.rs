//! What a host computes for a circuit.

mod recorder;
mod residue;

pub use recorder::{Unadvisable, advise};
