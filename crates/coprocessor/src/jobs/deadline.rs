//! A job's deadline: when it has passed, the job fails wherever it stands, and its proof is given up.
//!
//! It is a time of the wall clock, since it has to outlive the process. It stops the job by the same token as somebody
//! who cancels it, so that whatever can be cancelled also keeps the deadline.

use std::convert::Infallible;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::failure::Interrupt;
use super::queue::LiveJob;
use crate::{Clock, EngineError, EngineLimits, Job, Timestamp};

/// The clock is looked at this often, because somebody may set it.
const LOOK: Duration = Duration::from_mins(1);

/// The time until which a job accepted now must be proven.
pub(super) fn deadline_of(
    asked: Option<Duration>,
    now: Timestamp,
    limits: &EngineLimits,
) -> Result<Timestamp, EngineError> {
    let longest = limits.longest_deadline;
    let deadline = asked.unwrap_or(limits.deadline.min(longest));
    if deadline < Duration::from_secs(1) || deadline > longest {
        return Err(EngineError::InvalidDeadline {
            got: deadline,
            longest,
        });
    }
    Ok(now.plus(deadline))
}

/// Stops a job once its deadline has passed.
pub(super) async fn keep_deadline(
    clock: &Clock,
    live: &LiveJob,
    deadline: Option<Timestamp>,
) -> Infallible {
    let Some(deadline) = deadline else {
        // It was accepted before there were deadlines.
        return std::future::pending().await;
    };
    loop {
        let left = deadline.since(clock.now());
        if left.is_zero() {
            break;
        }
        tokio::time::sleep(left.min(LOOK)).await;
    }
    if !live.cancel.is_cancelled() {
        live.is_overdue.store(true, Ordering::Release);
        live.cancel.cancel();
    }
    std::future::pending().await
}

/// Why a job past its deadline fails.
pub(super) fn overdue(job: &Job) -> Interrupt {
    Interrupt::failed(
        "deadline",
        format!("the job's deadline passed while it was {}", job.state),
    )
}
