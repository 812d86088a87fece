//! Tests of the crate at its public boundary.

mod codec;
mod identifiers;
mod sha256;
