#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod error;
mod factory;
mod transfer;
mod word;

pub use error::StatementError;
pub use factory::{FACTORY, Factory, MAINNET, UNWRITTEN, factory};
pub use transfer::{Transfer, transfer, transfer_question};
