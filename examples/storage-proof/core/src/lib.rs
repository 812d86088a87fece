#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod balance;
mod error;
mod output;
mod token;

pub use balance::{balance, demo_balance, usdc_balance};
pub use error::BalanceError;
pub use output::Balance;
pub use token::{DEMO_TOKEN, DOMAIN, Token, USDC};
