//! One call of a controller: what goes in, what comes out.

use std::sync::Arc;

use crate::budget::Budget;
use crate::host::Host;

/// What a call needs.
pub struct Call {
    /// The arguments, as JSON.
    pub args: Vec<u8>,
    /// What the controller may read and write.
    pub host: Arc<dyn Host>,
    /// What the call may spend: [`Sandbox::budget`](crate::Sandbox::budget), or what [`Host::state_proof`] was given.
    pub budget: Budget,
}

impl std::fmt::Debug for Call {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Call")
            .field("args", &self.args.len())
            .field("budget", &self.budget)
            .finish_non_exhaustive()
    }
}

/// What a call returned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The return value, valid JSON.
    pub ret: Vec<u8>,
    /// What the controller and the failed import calls logged.
    pub log: Vec<String>,
}
