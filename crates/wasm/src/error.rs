//! Why a module was refused, why a call failed, why a host function failed.

use std::time::Duration;

use thiserror::Error;
use valence_coprocessor_controller_abi::Export;

/// The sandbox could not be set up.
#[derive(Debug, Error)]
pub enum SandboxError {
    /// wasmtime refused the configuration, or could not reserve its pools.
    #[error("the WebAssembly engine could not start: {reason}")]
    Engine {
        /// What wasmtime says.
        reason: String,
    },
    /// The cache of compiled modules could not be opened.
    #[error("the cache of compiled modules could not be opened: {reason}")]
    Cache {
        /// What wasmtime says.
        reason: String,
    },
    /// The HTTP client could not be made.
    #[error("the HTTP client could not be made: {reason}")]
    Client {
        /// What the client says.
        reason: String,
    },
}

/// A module was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CompileError {
    /// The module is larger than the limit.
    #[error("the module has {got} bytes, at most {limit} are accepted")]
    TooLarge {
        /// Bytes of the module.
        got: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// The bytes are no WebAssembly module.
    #[error("this is not a WebAssembly module: it does not start with the bytes 00 61 73 6d")]
    NotWasm,
    /// The module does not validate, or needs more than the sandbox gives.
    #[error("the module is invalid: {reason}")]
    Invalid {
        /// What the compiler says.
        reason: String,
    },
    /// The module imports something that is not a function.
    #[error("the module cannot be linked: {reason}")]
    Link {
        /// What the linker says.
        reason: String,
    },
    /// An export that the service calls is not a function without parameters and results.
    #[error("the export `{export}` must be a function without parameters and results")]
    ExportType {
        /// The export.
        export: Export,
    },
}

/// A call failed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// The fuel is spent.
    #[error("the controller used up its fuel of {limit} instructions")]
    FuelExhausted {
        /// Fuel of the call.
        limit: u64,
    },
    /// The time is over.
    #[error("the controller did not finish within {limit:?}")]
    DeadlineExceeded {
        /// Time of the call.
        limit: Duration,
    },
    /// The memory is full.
    #[error("the controller asked for more than {limit} bytes of memory")]
    MemoryLimit {
        /// Bytes of memory.
        limit: usize,
    },
    /// A table is full.
    #[error("the controller asked for a table of more than {limit} elements")]
    TableLimit {
        /// Elements of a table.
        limit: usize,
    },
    /// The return value is too large.
    #[error("the controller returned {got} bytes, at most {limit} are accepted")]
    OutputLimit {
        /// Bytes returned.
        got: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// The log is full.
    #[error("the controller logged more than {lines} lines or {bytes} bytes")]
    LogLimit {
        /// Lines accepted.
        lines: usize,
        /// Bytes accepted.
        bytes: usize,
    },
    /// The recursion is too deep.
    #[error("the controller's stack overflowed")]
    StackOverflow,
    /// Too many import calls.
    #[error("the controller made more than {limit} host calls")]
    HostCallLimit {
        /// Calls accepted.
        limit: u64,
    },
    /// Too many requests.
    #[error("the controller made more than {limit} network requests")]
    NetworkCallLimit {
        /// Requests accepted.
        limit: u64,
    },
    /// Controllers call one another too deeply.
    #[error("state proofs are nested more than {limit} deep")]
    DepthLimit {
        /// Depth accepted.
        limit: u8,
    },
    /// The code trapped.
    #[error("the controller trapped: {message}")]
    Trap {
        /// The reason.
        message: String,
    },
    /// The code panicked.
    #[error("the controller panicked: {message}")]
    Panic {
        /// The text of the panic.
        message: String,
    },
    /// The function is not exported.
    #[error("the controller does not export `{export}`")]
    MissingExport {
        /// The export.
        export: Export,
    },
    /// The function returned nothing, or no JSON.
    #[error("`{export}` returned no valid JSON: {reason}")]
    InvalidReturn {
        /// The export.
        export: Export,
        /// What is wrong.
        reason: String,
    },
    /// The arguments are too large for a controller.
    #[error("the arguments have {got} bytes, at most {limit} are accepted")]
    ArgumentsTooLarge {
        /// Bytes of the arguments.
        got: usize,
        /// Bytes accepted.
        limit: usize,
    },
    /// The instance could not be made, through no fault of the controller.
    #[error("the controller could not be started: {reason}")]
    Start {
        /// What wasmtime says.
        reason: String,
    },
}

impl CallError {
    /// A stable name for machines.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::FuelExhausted { .. } => "controller_fuel",
            Self::DeadlineExceeded { .. } => "controller_deadline",
            Self::MemoryLimit { .. } => "controller_memory",
            Self::TableLimit { .. } => "controller_table",
            Self::OutputLimit { .. } => "controller_output",
            Self::LogLimit { .. } => "controller_log",
            Self::StackOverflow => "controller_stack",
            Self::HostCallLimit { .. } => "controller_host_calls",
            Self::NetworkCallLimit { .. } => "controller_network_calls",
            Self::DepthLimit { .. } => "controller_depth",
            Self::Trap { .. } => "controller_trap",
            Self::Panic { .. } => "controller_panic",
            Self::MissingExport { .. } => "controller_missing_export",
            Self::InvalidReturn { .. } => "controller_invalid_return",
            Self::ArgumentsTooLarge { .. } => "controller_arguments",
            Self::Start { .. } => "controller_start",
        }
    }

    /// Whether the call met a limit, rather than a mistake in the controller.
    pub const fn is_limit(&self) -> bool {
        matches!(
            self,
            Self::FuelExhausted { .. }
                | Self::DeadlineExceeded { .. }
                | Self::MemoryLimit { .. }
                | Self::TableLimit { .. }
                | Self::OutputLimit { .. }
                | Self::LogLimit { .. }
                | Self::StackOverflow
                | Self::HostCallLimit { .. }
                | Self::NetworkCallLimit { .. }
                | Self::DepthLimit { .. }
        )
    }
}

/// A failed call with what it logged until then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error}{}", HostReason(host_error.as_deref()))]
pub struct CallFailure {
    /// Why the call failed.
    pub error: CallError,
    /// The latest failure of an import call, such as the node's error; often the cause of a panic.
    pub host_error: Option<String>,
    /// What the controller logged.
    pub log: Vec<String>,
}

struct HostReason<'a>(Option<&'a str>);

impl std::fmt::Display for HostReason<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0
            .map_or(Ok(()), |reason| write!(formatter, " (after: {reason})"))
    }
}

/// A function of the [`Host`](crate::Host) failed; the text reaches the call's log.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct HostError {
    /// What happened, for the developer of the controller.
    pub message: String,
}

impl HostError {
    /// An error with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}
