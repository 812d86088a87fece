//! Deployed circuits and domains: who owns them, what they run.

mod cache;
mod deploy;
mod record;
mod registry;

pub(crate) use record::{CircuitRecord, DomainRecord};
pub(crate) use registry::Registry;
