//! Answers of nodes against other crates than ours, which hash the same things, and against what everybody knows.

mod headers;
mod hexadecimal;
mod receipts;
mod tries;
