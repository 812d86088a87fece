#![doc = include_str!("../README.md")]

mod fault;
mod faults;
mod server;

pub use fault::TransportFault;
pub use faults::Faults;
pub use server::FaultyServer;
