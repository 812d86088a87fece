#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod balance;
mod domain;
mod error;
mod output;
mod token;

pub use balance::{balance, demo_balance, devnet_balance, usdc_balance};
pub use domain::{DEVNET, Domain, TRUSTED};
pub use error::BalanceError;
pub use output::Balance;
pub use token::{DEMO_TOKEN, Token, USDC};
