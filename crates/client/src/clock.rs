//! The one place where this crate reads the wall clock, for the expiry of signed requests.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds since the Unix epoch; 0 if the clock stands before it, which makes a signature expired rather than eternal.
#[expect(
    clippy::disallowed_methods,
    reason = "the service compares the expiry with its own wall clock"
)]
pub(crate) fn seconds_now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
