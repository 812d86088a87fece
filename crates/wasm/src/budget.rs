//! What a call may still spend; nested calls spend from the same purse, so that nesting gains nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::config::Limits;
use crate::error::CallError;

/// The rest of a call's fuel, time and host calls, and how deep the call is nested. Clones share the purse.
#[derive(Clone, Debug)]
pub struct Budget {
    purse: Arc<Purse>,
    depth: u8,
}

#[derive(Debug)]
struct Purse {
    fuel: AtomicU64,
    host_calls: AtomicU64,
    network_calls: AtomicU64,
    deadline: Instant,
    limits: Limits,
}

impl Budget {
    /// A full budget whose time starts now.
    pub fn new(limits: &Limits) -> Self {
        let purse = Purse {
            fuel: AtomicU64::new(limits.fuel),
            host_calls: AtomicU64::new(limits.host_calls),
            network_calls: AtomicU64::new(limits.network_calls),
            deadline: Instant::now() + limits.duration,
            limits: limits.clone(),
        };
        Self {
            purse: Arc::new(purse),
            depth: 0,
        }
    }

    /// When the call must have ended.
    pub fn deadline(&self) -> Instant {
        self.purse.deadline
    }

    /// Time that is left.
    pub fn remaining(&self) -> Duration {
        self.purse
            .deadline
            .saturating_duration_since(Instant::now())
    }

    /// How many calls lie above this one.
    pub fn depth(&self) -> u8 {
        self.depth
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.purse.limits
    }

    /// The budget of a call that this call makes.
    pub(crate) fn nested(&self) -> Result<Self, CallError> {
        let limit = self.purse.limits.depth;
        if self.depth >= limit {
            return Err(CallError::DepthLimit { limit });
        }
        Ok(Self {
            purse: Arc::clone(&self.purse),
            depth: self.depth + 1,
        })
    }

    /// Takes all fuel out; what is left over is given back with [`Self::return_fuel`].
    pub(crate) fn take_fuel(&self) -> u64 {
        self.purse.fuel.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn return_fuel(&self, fuel: u64) {
        self.purse.fuel.fetch_add(fuel, Ordering::Relaxed);
    }

    pub(crate) fn spend_host_call(&self) -> Result<(), CallError> {
        let limit = self.purse.limits.host_calls;
        spend(&self.purse.host_calls).ok_or(CallError::HostCallLimit { limit })
    }

    pub(crate) fn spend_network_call(&self) -> Result<(), CallError> {
        let limit = self.purse.limits.network_calls;
        spend(&self.purse.network_calls).ok_or(CallError::NetworkCallLimit { limit })
    }

    pub(crate) fn deadline_error(&self) -> CallError {
        CallError::DeadlineExceeded {
            limit: self.purse.limits.duration,
        }
    }
}

fn spend(counter: &AtomicU64) -> Option<()> {
    counter
        .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(1)
        })
        .ok()
        .map(|_| ())
}
