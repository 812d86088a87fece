//! The worker: serves a zkVM to services.

mod admitted;
mod config;
mod door;
mod job;
mod listener;
mod program_cache;
mod queue;
mod serve;
mod service;

pub use config::{ConnectionLimits, KindStatus, Missing, WorkerConfig};
pub use listener::{ListenError, Listener};
pub use program_cache::ProgramCache;
pub use serve::{ServeError, Worker};
