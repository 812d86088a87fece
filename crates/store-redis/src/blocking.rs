//! Waiting for Redis without holding up the other tasks of an asynchronous runtime.

use std::{thread, time::Duration};

use tokio::{
    runtime::{Handle, RuntimeFlavor},
    task::block_in_place,
};

/// Does work that waits: on a worker of a runtime with several, the other tasks move to another worker first.
pub(crate) fn wait_for<T>(work: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|handle| handle.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(work),
        // No runtime, or one with a single thread, which has nobody to hand its tasks to.
        _ => work(),
    }
}

/// Waits before the next attempt.
pub(crate) fn pause(duration: Duration) {
    #[expect(
        clippy::disallowed_methods,
        reason = "the thread belongs to this operation: `wait_for` has moved other tasks away"
    )]
    thread::sleep(duration);
}
