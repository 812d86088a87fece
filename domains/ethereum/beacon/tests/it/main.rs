//! The light client on recorded chains and on the specification's own cases, and on whatever can be done to them.

mod attacks;
mod chain;
mod corruption;
mod devnet;
mod field;
mod fixtures;
mod guest;
mod mainnet;
mod malformed;
mod spec_static;
mod spec_sync;
mod steps;

use valence_coprocessor_forged_chain as forge;
