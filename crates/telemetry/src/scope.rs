//! The trace that the running task works for.

use crate::TraceContext;

tokio::task_local! {
    static CURRENT: TraceContext;
}

/// Runs `work` as a part of a trace. Tasks that it spawns are not part of it.
pub async fn within<Work: Future>(context: TraceContext, work: Work) -> Work::Output {
    CURRENT.scope(context, work).await
}

/// The trace that the running task is within, if any.
pub fn current() -> Option<TraceContext> {
    CURRENT.try_with(|context| *context).ok()
}
