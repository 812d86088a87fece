//! How many threads and how large a shard SP1 takes, by the memory of the machine.
//!
//! SP1's defaults are for machines with far more than 24 GiB: proving a circuit with precompiles, it keeps several shards at
//! once and is killed for lack of memory. The settings change neither proof nor verifying key, only how much is
//! worked on at the same time.

use valence_coprocessor_zkvm::MemorySize;

use crate::Mode;

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

/// What a prover process finds in its environment on a machine with so much memory. SP1's CUDA server goes by the memory
/// of the GPU.
pub(crate) fn of(mode: Mode, total: Option<MemorySize>) -> &'static [(&'static str, &'static str)] {
    match total {
        Some(total) if total < ENOUGH && mode != Mode::Cuda => &FRUGAL,
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use valence_coprocessor_zkvm::MemorySize;

    use super::of;
    use crate::Mode;

    #[test]
    fn small_machines_are_frugal_and_large_ones_are_left_alone() {
        let small = Some(MemorySize::from_gibibytes(24));
        assert!(!of(Mode::Cpu, small).is_empty());
        assert!(of(Mode::Cpu, Some(MemorySize::from_gibibytes(128))).is_empty());
        assert!(of(Mode::Cpu, None).is_empty());
        assert!(of(Mode::Cuda, small).is_empty());
    }
}
