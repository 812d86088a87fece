#![doc = include_str!("../README.md")]
//! Traces across processes.

mod exporter;
mod span;
mod trace_context;

pub use exporter::{Exporter, ExporterError};
pub use span::{context_of, follow};
pub use trace_context::{HEADER, TraceContext, TraceContextError};
