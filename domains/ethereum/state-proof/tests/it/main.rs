//! The walk against tries that others made: Ethereum's own vectors, mainnet's answers, `alloy-trie` and a naive trie.

mod attacks;
mod execution_apis;
mod finalized;
mod fixtures;
mod header;
mod hive_chain;
mod layout;
mod mainnet;
mod naive_trie;
mod oracle;
mod payload;
mod portal;
mod receipt_attacks;
mod receipts;
mod shared_nodes;
mod solidity;
mod trie_vectors;
mod vectors;
mod world;
