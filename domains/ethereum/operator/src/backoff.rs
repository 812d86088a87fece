//! `Backoff`: how long to wait after the n-th failure in a row.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// Waits that double from `first` to `longest`, each shortened by chance to at least its half, so that many who
/// failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest wait after one failure.
    pub first: Duration,
    /// The longest wait of all.
    pub longest: Duration,
}

impl Backoff {
    /// The wait after so many failures in a row.
    pub fn after(&self, failures: u32) -> Duration {
        let whole = self.whole(failures);
        let half = whole / 2;
        // A hasher of the standard library is keyed at random, which is chance enough here.
        let chance = RandomState::new().build_hasher().finish() >> 32;
        let chance = u32::try_from(chance).unwrap_or(u32::MAX);
        let share = half.mul_f64(f64::from(chance) / f64::from(u32::MAX));
        whole.min(half + share)
    }

    fn whole(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(20);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_mins(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_keep_half_of_themselves() {
        let backoff = Backoff {
            first: Duration::from_millis(100),
            longest: Duration::from_secs(1),
        };
        for (failures, longest) in [
            (1, 100),
            (2, 200),
            (3, 400),
            (4, 800),
            (5, 1_000),
            (u32::MAX, 1_000),
        ] {
            let longest = Duration::from_millis(longest);
            for _ in 0..50 {
                let wait = backoff.after(failures);
                assert!(
                    wait <= longest && wait >= longest / 2,
                    "{failures}: {wait:?}"
                );
            }
        }
    }

    #[test]
    fn two_waits_differ() {
        let backoff = Backoff::default();
        let waits: std::collections::BTreeSet<_> = (0..20).map(|_| backoff.after(9)).collect();
        assert!(waits.len() > 10, "{waits:?}");
    }
}
