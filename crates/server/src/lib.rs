#![doc = include_str!("../README.md")]
//! The HTTP server of the co-processor.

mod config;
mod connection;
mod convert;
mod envelope;
mod error;
mod exchange;
mod metrics;
mod refusal;
mod routes;
mod server;
mod signature;
mod state;

pub use config::{EngineMetrics, ServerConfig, ServerLimits};
pub use error::ServerError;
pub use routes::specification::openapi;
pub use server::Server;
