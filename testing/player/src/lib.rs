#![doc = include_str!("../README.md")]

mod error;
mod mainnet;
mod player;
mod recording;
mod root;
mod rpc;

pub use error::PlayerError;
pub use player::Player;
pub use recording::Recording;
