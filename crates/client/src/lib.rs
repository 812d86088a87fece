//! A typed client of the service; see the README below.
#![doc = include_str!("../README.md")]

mod circuits;
mod client;
mod clock;
mod error;
mod events;
mod history;
mod jobs;
mod request;

pub use client::Client;
pub use error::ClientError;
pub use events::JobEvents;
