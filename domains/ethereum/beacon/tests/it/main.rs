//! The light client on recorded chains and on the specification's own cases, and on whatever can be done to them.

mod attacks;
mod block_type;
mod blocks;
mod chain;
mod corruption;
mod devnet;
mod mainnet;
mod malformed;
mod merkle_proofs;
mod spec_static;
mod spec_sync;
mod ssz_type;
mod steps;

use valence_coprocessor_forged_chain as forge;
use valence_coprocessor_recorded_chain as fixtures;
