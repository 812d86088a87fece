//! The controller against a mock of the co-processor, recorded answers of mainnet's nodes, and nodes that lie.

mod blocks;
mod domains;
mod headers;
mod proofs;
mod receipts;
mod refusals;
mod world;
