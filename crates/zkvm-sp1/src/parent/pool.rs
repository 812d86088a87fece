//! Processes of one mode: started on demand, kept warm, each with one request at a time.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::task::TaskTracker;
use valence_coprocessor_zkvm::{MemorySize, ZkvmError};

use super::{ChildConfig, process::Process};
use crate::Mode;

/// Processes of one mode.
#[derive(Debug)]
pub(crate) struct Pool {
    mode: Mode,
    permits: Semaphore,
    idle: Mutex<Vec<Process>>,
    /// Every process that ends by itself.
    leaving: TaskTracker,
}

impl Pool {
    /// At most `size` processes.
    pub(crate) fn new(mode: Mode, size: usize) -> Self {
        Self {
            mode,
            permits: Semaphore::new(size.max(1)),
            idle: Mutex::default(),
            leaving: TaskTracker::new(),
        }
    }

    /// Waits until a process may work.
    pub(crate) async fn enter(&self) -> Result<SemaphorePermit<'_>, ZkvmError> {
        self.permits
            .acquire()
            .await
            .map_err(|_| ZkvmError::ShutDown)
    }

    /// A warm process that still runs, or a new one. A process that ended meanwhile is replaced without a word: no
    /// request was lost with it.
    pub(crate) async fn process(
        &self,
        config: &ChildConfig,
        directory: &Path,
    ) -> Result<Process, ZkvmError> {
        while let Some(mut process) = self.take() {
            if process.is_alive() {
                return Ok(process);
            }
        }
        Process::start(config, directory, self.mode, &self.leaving).await
    }

    /// Keeps a process for the next request; after [`Self::close`] it is dropped.
    pub(crate) fn keep(&self, process: Process) {
        let mut idle = self.idle();
        if !self.permits.is_closed() {
            idle.push(process);
        }
    }

    /// The memory that warm processes hold.
    pub(crate) fn resident(&self) -> MemorySize {
        self.idle()
            .iter()
            .fold(MemorySize::default(), |sum, process| {
                sum.plus(process.resident())
            })
    }

    /// Ends every idle process, and lets no request in any more.
    pub(crate) fn close(&self) {
        self.permits.close();
        self.idle().clear();
        self.leaving.close();
    }

    /// Waits for processes that call off what they have begun elsewhere; after [`Self::close`].
    pub(crate) async fn left(&self) {
        self.leaving.wait().await;
    }

    fn take(&self) -> Option<Process> {
        self.idle().pop()
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Process>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
