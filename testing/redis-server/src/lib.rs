//! Redis servers for tests; see the README below.
#![doc = include_str!("../README.md")]

mod cluster;
mod proxy;
mod sentinel;
mod server;
mod wait;

pub use cluster::RedisCluster;
pub use proxy::AnswerProxy;
pub use sentinel::Sentinel;
pub use server::RedisServer;
pub use wait::wait_until;
