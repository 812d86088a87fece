//! Real proofs, and what must be refused.

mod compressed;
mod fixtures;
mod onchain;
mod proof_file;
mod steps;
mod words;
