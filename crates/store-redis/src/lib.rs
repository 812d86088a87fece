//! The shared store; see the README below.
#![doc = include_str!("../README.md")]

mod blocking;
mod check;
mod config;
mod error;
mod layout;
mod pool;
mod primary;
mod scripts;
mod snapshot;
mod store;

pub use config::RedisConfig;
pub use error::{ConfigError, OpenError, RedisFailure};
pub use store::RedisStore;
