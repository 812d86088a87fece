//! Committing a batch without holding up the executor: a durable commit waits for the disk.

use std::future::pending;
use std::sync::Arc;

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::{block_in_place, spawn_blocking};
use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError};

use crate::EngineError;

/// How often a change is computed anew because others were faster. Each time one of them has got on, so whoever loses
/// as often as this stands in a crowd.
pub(crate) const CONFLICT_TRIES: u32 = 64;

/// Computes a change on what is stored, and commits it under the expectations of its batch; where these do not hold any
/// more, computes it anew. Blocks.
///
/// Whatever is read, changed and written goes through here: locks keep order within this process only, and the store
/// may be open in others.
pub(crate) fn commit_computed<T>(
    store: &dyn Store,
    what: &'static str,
    mut compute: impl for<'a> FnMut(Box<dyn Snapshot + 'a>) -> Result<(T, Batch), EngineError>,
) -> Result<T, EngineError> {
    for _ in 0..CONFLICT_TRIES {
        let (value, batch) = compute(store.snapshot()?)?;
        if batch.is_empty() {
            return Ok(value);
        }
        match store.commit(batch) {
            Ok(()) => return Ok(value),
            Err(StoreError::Conflict { .. }) => {}
            Err(error) => return Err(EngineError::Store(error)),
        }
    }
    Err(EngineError::Concurrent { what })
}

/// Commits. When this returns `Ok`, the batch survives a crash.
///
/// Other tasks move to another thread meanwhile. To hand over the commit instead would have the caller wait for two
/// threads to wake up, which takes longer than many a commit.
pub(crate) async fn commit(store: &Arc<dyn Store>, batch: Batch) -> Result<(), EngineError> {
    if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
        return block_in_place(|| store.commit(batch)).map_err(EngineError::from);
    }
    let store = Arc::clone(store);
    run_blocking(move || store.commit(batch).map_err(EngineError::from)).await
}

/// Runs what computes or waits for long on a thread that may block; it runs to its end even if nobody waits for it.
///
/// Where the runtime ends first, this never returns: its caller ends too, and must not take it for a failure of the work.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) if error.is_cancelled() => pending().await,
        Err(error) => Err(EngineError::Task(error)),
    }
}
