//! Layouts against the vectors of a script, trees against a naive implementation, and what may not be configured.
//! The protocol itself is tested on recorded data, in crate `beacon`.

mod committee;
mod configuration;
mod trees;
mod vectors;
