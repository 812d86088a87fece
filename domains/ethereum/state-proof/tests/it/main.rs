//! The walk against tries that others made: Ethereum's own vectors, mainnet's answers, `alloy-trie` and a naive trie.

mod attacks;
mod fixtures;
mod header;
mod mainnet;
mod naive_trie;
mod oracle;
mod trie_vectors;
