#![doc = include_str!("../README.md")]

mod assignment;
mod config;
mod fleet;
mod local;
mod member;
mod monitor;
mod place;
mod roster;
mod shared;

pub use config::FleetConfig;
pub use fleet::{Connector, Fleet};
pub use local::LocalWorker;
