//! What an operator can set: limits of a call, network rules, endpoints, and the sizes of pools and caches.

use std::path::PathBuf;
use std::time::Duration;

use valence_coprocessor_controller_abi::BUFFER_LENGTH;

use crate::network::{NetworkRules, RpcEndpoints};

/// Everything that a sandbox is made of; `default` is what the service runs with.
#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Limits of one call.
    pub limits: Limits,
    /// What controllers may reach.
    pub network: NetworkRules,
    /// Nodes behind the import `alchemy`.
    pub rpc: RpcEndpoints,
    /// Calls that run at the same time, per nesting depth; others wait.
    pub concurrent_calls: u32,
    /// Largest module accepted, in bytes.
    pub module_bytes: usize,
    /// Compiled modules kept in memory, counted in bytes of machine code.
    pub module_cache_bytes: usize,
    /// Where compiled modules are kept on disk. Its content is trusted, so it must be writable by the operator only.
    pub cache_directory: Option<PathBuf>,
}

impl Default for SandboxConfig {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            network: NetworkRules::default(),
            rpc: RpcEndpoints::default(),
            concurrent_calls: 128,
            module_bytes: 16 * 1024 * 1024,
            module_cache_bytes: 512 * 1024 * 1024,
            cache_directory: None,
        }
    }
}

/// Limits of one call; a nested call shares them with the call that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Fuel, about one unit per WebAssembly instruction.
    pub fuel: u64,
    /// Time, waiting for host and network included.
    pub duration: Duration,
    /// Linear memory of one instance, in bytes.
    pub memory_bytes: usize,
    /// Elements of one table.
    pub table_elements: usize,
    /// Stack of the WebAssembly code, in bytes.
    pub stack_bytes: usize,
    /// Bytes of one argument or return value.
    pub value_bytes: usize,
    /// Lines of the log.
    pub log_lines: usize,
    /// Bytes of the log.
    pub log_bytes: usize,
    /// Import calls other than `args`, `ret`, `log`, `panic`.
    pub host_calls: u64,
    /// Requests by `http` and `alchemy`.
    pub network_calls: u64,
    /// Bytes of a response that a controller asked for.
    pub response_bytes: usize,
    /// Time of one request.
    pub request_duration: Duration,
    /// How deep `get_state_proof` may nest.
    pub depth: u8,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            fuel: 10_000_000_000,
            duration: Duration::from_mins(1),
            memory_bytes: 256 * 1024 * 1024,
            table_elements: 100_000,
            stack_bytes: 512 * 1024,
            value_bytes: BUFFER_LENGTH,
            log_lines: 10_000,
            log_bytes: 1024 * 1024,
            host_calls: 10_000,
            network_calls: 256,
            response_bytes: 4 * 1024 * 1024,
            request_duration: Duration::from_secs(15),
            depth: 4,
        }
    }
}
