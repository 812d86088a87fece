//! Scenarios: what the whole system does, seen from outside. README.md says what each pins down.

mod balance;
mod command_line;
mod crash;
mod farm;
mod light_client;
mod mainnet;
mod opening;
mod proven_blocks;
mod published;
mod real_proof;
mod receiver;
mod refusal;
mod shared_store;
mod stage;
mod token;
mod workers;
