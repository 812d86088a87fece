//! How patient a fleet is.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// How patient a fleet is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetConfig {
    /// From one question after a worker's health to the next.
    pub check_interval: Duration,
    /// How long a worker may take to say how it is.
    pub check_timeout: Duration,
    /// How long a worker that failed is left alone; twice as long each further time.
    pub first_back_off: Duration,
    /// The longest of these pauses.
    pub longest_back_off: Duration,
    /// How long a worker that gave a wrong result is left alone.
    pub distrust: Duration,
    /// Work that may wait.
    pub queue: usize,
    /// Workers that one piece of work may lose while they are at it.
    pub losses: u32,
    /// What a worker gets beyond the work's own time limit, to say itself that the limit was hit.
    pub margin: Duration,
    /// How long a worker may take to stop.
    pub stop_timeout: Duration,
    /// From one word to who waits to the next.
    pub news_interval: Duration,
    /// Callers' workers that are known at once; work that brings along more makes do without them.
    pub owned: usize,
    /// How long the connection to a caller's worker is kept without work.
    pub keep_owned: Duration,
}

impl Default for FleetConfig {
    fn default() -> Self {
        Self {
            check_interval: Duration::from_secs(10),
            check_timeout: Duration::from_secs(5),
            first_back_off: Duration::from_secs(1),
            longest_back_off: Duration::from_mins(5),
            distrust: Duration::from_hours(1),
            queue: 4_096,
            losses: 3,
            margin: Duration::from_mins(1),
            stop_timeout: Duration::from_secs(5),
            news_interval: Duration::from_secs(5),
            owned: 1_024,
            keep_owned: Duration::from_mins(10),
        }
    }
}

impl FleetConfig {
    /// The pause after so many failures in a row, without its jitter.
    pub(crate) fn back_off(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        self.first_back_off
            .saturating_mul(1 << doublings)
            .min(self.longest_back_off)
    }
}

/// About this long: up to a quarter less or more, so that services which began together do not ask together.
pub(crate) fn about(pause: Duration) -> Duration {
    // A fresh hasher is seeded from the system's randomness, and this needs no more of it.
    let random = RandomState::new().build_hasher().finish() % 512;
    let parts = 768 + u32::try_from(random).expect("smaller than 512");
    pause.saturating_mul(parts) / 1_024
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{FleetConfig, about};

    #[test]
    fn pauses_double_up_to_the_longest() {
        let config = FleetConfig::default();
        let seconds = |failures| config.back_off(failures).as_secs();
        assert_eq!([1, 2, 3, 4].map(seconds), [1, 2, 4, 8]);
        assert_eq!([9, 10, 1_000].map(seconds), [256, 300, 300]);
    }

    #[test]
    fn jitter_stays_within_a_quarter() {
        for _ in 0..1_000 {
            let pause = about(Duration::from_millis(1_024)).as_millis();
            assert!((768..1_280).contains(&pause), "{pause}");
        }
    }
}
