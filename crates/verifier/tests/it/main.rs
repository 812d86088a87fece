//! Real proofs, and what must be refused.

mod fixtures;
mod onchain;
mod proof_file;
mod words;
