//! Waiting for a condition.

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;

/// Long enough for a machine that is busy with something else.
const LIMIT: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(5);

/// Waits until something holds.
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) -> anyhow::Result<()> {
    let start = Instant::now();
    while !holds() {
        if start.elapsed() > LIMIT {
            bail!("waited too long for {what}");
        }
        thread::park_timeout(STEP);
    }
    Ok(())
}
