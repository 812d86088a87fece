//! The statement on the host: proven balances, one attack for each thing that the circuit binds, and mainnet's USDC.

mod attacks;
mod recorded;
mod world;
