//! How many threads and how large a shard SP1 takes, by the memory of the machine.
//!
//! SP1's defaults are for machines with far more than 24 GiB: proving a circuit with precompiles, it keeps several shards at
//! once and is killed for lack of memory. The settings change neither proof nor verifying key, only how much is
//! worked on at the same time.

use valence_coprocessor_zkvm::MemorySize;

/// Machines with less than this are tuned.
const ENOUGH: MemorySize = MemorySize::from_gibibytes(64);

/// One of everything, and shards of a third of the usual area.
const FRUGAL: [(&str, &str); 7] = [
    ("ELEMENT_THRESHOLD", "100000000"),
    ("SP1_WORKER_CORE_BUFFER_SIZE", "1"),
    ("SP1_WORKER_NUM_CORE_WORKERS", "1"),
    ("SP1_WORKER_NUM_RECURSION_EXECUTOR_WORKERS", "1"),
    ("SP1_WORKER_NUM_RECURSION_PROVER_WORKERS", "1"),
    ("SP1_WORKER_NUM_SETUP_WORKERS", "1"),
    ("SP1_WORKER_NUM_SPLICING_WORKERS", "1"),
];

/// What a prover process finds in its environment on a machine with so much memory.
pub(crate) fn of(total: Option<MemorySize>) -> &'static [(&'static str, &'static str)] {
    match total {
        Some(total) if total < ENOUGH => &FRUGAL,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use valence_coprocessor_zkvm::MemorySize;

    use super::of;

    #[test]
    fn small_machines_are_frugal_and_large_ones_are_left_alone() {
        assert!(!of(Some(MemorySize::from_gibibytes(24))).is_empty());
        assert!(of(Some(MemorySize::from_gibibytes(128))).is_empty());
        assert!(of(None).is_empty());
    }
}
