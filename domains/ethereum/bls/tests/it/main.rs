//! Tests of the crate at its boundary; `blst` and recorded signatures of mainnet are what they compare with.

mod advice;
mod attacks;
mod committee;
mod fixtures;
mod mainnet;
mod properties;
