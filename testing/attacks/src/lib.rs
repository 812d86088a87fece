#![doc = include_str!("../README.md")]
#![no_std]

extern crate alloc;

mod attack;
mod memory_records;
mod replay;
mod world;

pub use attack::{Attack, Honest, attacks, honest};
pub use memory_records::MemoryRecords;
pub use replay::{Command, ReplayError, replay};
pub use world::World;
