#![doc = include_str!("../README.md")]
//! Traces across processes.

mod exporter;
mod scope;
mod span;
mod trace_context;

pub use exporter::{Exporter, ExporterError};
pub use scope::{current, within};
pub use span::{context_of, follow};
pub use trace_context::{HEADER, TraceContext, TraceContextError};
