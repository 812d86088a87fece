//! Tests of the crate at its public boundary.

mod insertion;
mod model;
mod path;
