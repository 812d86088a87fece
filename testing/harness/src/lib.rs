#![doc = include_str!("../README.md")]

mod anvil;
mod artifacts;
mod coprocessor;
mod devnet_domain;
mod example;
mod execution_node;
mod hosted_worker;
mod process;
mod programs;
mod service;
mod token;
mod wire;
mod worker;

pub use anvil::Anvil;
pub use artifacts::{Artifacts, Guest};
pub use coprocessor::{Answer, Coprocessor};
pub use devnet_domain::{DEVNET_DOMAIN, DevnetDomain};
pub use example::{
    TRUSTED_DOMAIN, balance_arguments, balance_of_usdc_arguments, balance_on_devnet_arguments,
    block_arguments,
};
pub use execution_node::{Block, ExecutionNode};
pub use hosted_worker::HostedWorker;
pub use process::Process;
pub use programs::{Programs, anvil, repository_root, tools_folder};
pub use service::{Service, ServiceOptions, StoreChoice};
pub use token::Token;
pub use wire::Wire;
pub use worker::{WORKER_SECRET, Worker, WorkerOptions};
