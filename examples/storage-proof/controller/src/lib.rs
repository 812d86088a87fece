//! The controller of the example: turns a holder and a block into witnesses, and stores finished proofs.
//!
//! `get_witnesses` takes `{"holder": "0x…", "number": …}`, and `"token": "usdc"` for the circuit of USDC;
//! without a number it is the newest block of the domain. The entry point takes what the service delivers
//! and obeys `{"cmd": "store", "path": "…"}` in its payload.

mod deliver;
mod witnesses;

pub use deliver::entrypoint;
pub use witnesses::{BalanceArguments, TokenName, balance_witnesses};

valence_coprocessor_controller_sdk::controller! {
    get_witnesses: balance_witnesses,
    entrypoint: entrypoint,
}
