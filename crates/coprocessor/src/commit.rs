//! Committing a batch without holding up the executor: a durable commit waits for the disk.

use std::sync::Arc;

use valence_coprocessor_store::{Batch, Store};

use crate::EngineError;

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
