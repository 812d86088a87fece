//! Tests of the crate at its public boundary.

mod vectors;
mod witnesses;
