//! Committing a batch without holding up the executor: a durable commit waits for the disk.

use std::sync::Arc;

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

/// Commits on a thread that may block. When this returns `Ok`, the batch survives a crash.
pub(crate) async fn commit(store: &Arc<dyn Store>, batch: Batch) -> Result<(), EngineError> {
    let store = Arc::clone(store);
    run_blocking(move || store.commit(batch).map_err(EngineError::from)).await
}

/// Runs what computes or waits for long on a thread that may block; it runs to its end even if nobody waits for it.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineError> + Send + 'static,
) -> Result<T, EngineError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(EngineError::Task)?
}
