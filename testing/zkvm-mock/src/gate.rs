//! Holds a scripted call until the test lets it go.

use tokio::sync::Semaphore;

/// Where scripted calls wait. Every pass lets one call through.
#[derive(Debug)]
pub struct Gate(Semaphore);

impl Gate {
    /// A gate through which nothing passes yet.
    pub fn closed() -> Self {
        Self(Semaphore::new(0))
    }

    /// A gate through which everything passes.
    pub fn open() -> Self {
        Self(Semaphore::new(Semaphore::MAX_PERMITS))
    }

    /// Lets one more call through.
    pub fn pass(&self) {
        self.0.add_permits(1);
    }

    pub(crate) async fn wait(&self) {
        match self.0.acquire().await {
            Ok(permit) => permit.forget(),
            Err(_) => unreachable!("the semaphore is never closed"),
        }
    }
}
