#![doc = include_str!("../README.md")]

mod anvil;
mod artifacts;
mod coprocessor;
mod example;
mod execution_node;
mod process;
mod programs;
mod service;
mod token;

pub use anvil::Anvil;
pub use artifacts::{Artifacts, Guest};
pub use coprocessor::{Answer, Coprocessor};
pub use example::{TRUSTED_DOMAIN, balance_arguments, balance_of_usdc_arguments, block_arguments};
pub use execution_node::{Block, ExecutionNode};
pub use process::Process;
pub use programs::{Programs, anvil, repository_root, tools_folder};
pub use service::{Service, ServiceOptions, StoreChoice};
pub use token::Token;
