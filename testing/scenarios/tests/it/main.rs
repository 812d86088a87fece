//! Scenarios: what the whole system does, seen from outside. README.md says what each pins down.

mod balance;
mod command_line;
mod crash;
mod light_client;
mod opening;
mod published;
mod real_proof;
mod refusal;
mod stage;
mod token;
