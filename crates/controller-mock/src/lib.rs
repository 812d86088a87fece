#![doc = include_str!("../README.md")]

mod mock;
mod world;

pub use mock::{InstalledHost, MockHost};
