//! What belongs to one running call: its arguments, its return value, its log, and its limits on memory.

use std::sync::Arc;

use wasmtime::ResourceLimiter;

use crate::budget::Budget;
use crate::error::CallError;
use crate::host::Host;
use crate::network::Network;

/// The data of a wasmtime store.
pub(crate) struct CallState {
    pub(crate) args: Vec<u8>,
    pub(crate) ret: Option<Vec<u8>>,
    /// Why the latest return value was refused, so that it is not taken for a call that returns nothing.
    pub(crate) refused_ret: Option<String>,
    pub(crate) host: Arc<dyn Host>,
    pub(crate) budget: Budget,
    pub(crate) network: Arc<Network>,
    /// Why the latest import call failed; the next one clears it for `last_error`, but not for the job.
    pub(crate) last_error: Option<String>,
    pub(crate) log: Vec<String>,
    log_bytes: usize,
}

impl CallState {
    pub(crate) fn new(
        args: Vec<u8>,
        host: Arc<dyn Host>,
        budget: Budget,
        network: Arc<Network>,
    ) -> Self {
        Self {
            args,
            ret: None,
            refused_ret: None,
            host,
            budget,
            network,
            last_error: None,
            log: Vec::new(),
            log_bytes: 0,
        }
    }

    /// Adds a line to the log.
    pub(crate) fn log(&mut self, line: String) -> Result<(), CallError> {
        let limits = self.budget.limits();
        let bytes = self.log_bytes.saturating_add(line.len());
        if self.log.len() >= limits.log_lines || bytes > limits.log_bytes {
            return Err(CallError::LogLimit {
                lines: limits.log_lines,
                bytes: limits.log_bytes,
            });
        }
        self.log_bytes = bytes;
        self.log.push(line);
        Ok(())
    }
}

impl ResourceLimiter for CallState {
    fn memory_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = self.budget.limits().memory_bytes;
        if desired > limit {
            return Err(wasmtime::Error::new(CallError::MemoryLimit { limit }));
        }
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = self.budget.limits().table_elements;
        if desired > limit {
            return Err(wasmtime::Error::new(CallError::TableLimit { limit }));
        }
        Ok(true)
    }
}
