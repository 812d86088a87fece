//! How prover processes are started and what they may take.

use std::{ffi::OsString, path::PathBuf, time::Duration};

use valence_coprocessor_zkvm::{MemorySize, ProofKind};

use crate::Backend;

/// The name under which a prover process appears, and its argument zero.
pub const PROVER_NAME: &str = "valence-coprocessor-prover";

/// How prover processes are started and what they may take.
#[derive(Clone, Debug)]
pub struct ChildConfig {
    /// The executable: one whose first argument `child` leads to [`serve`](crate::serve).
    pub program: PathBuf,
    /// The whole environment of the processes, beside what is set here. SP1 reads dozens of variables, some of which
    /// change what it does, so nothing is inherited.
    pub environment: Vec<(OsString, OsString)>,
    /// Where the processes keep their temporary files; only this user may write there, because SP1 executes what it
    /// finds in it. A new folder, removed at the end, if none is named.
    pub directory: Option<PathBuf>,
    /// How many executions may run at once.
    pub executors: usize,
    /// Who makes proofs.
    pub backend: Backend,
    /// How many proofs may be made at once: more than one only where this machine does not compute them.
    pub provers: usize,
    /// What proofs on the CPU need.
    pub requirements: Requirements,
    /// The folder of SP1's Groth16 circuits, which holds one folder per circuit version.
    pub groth16_circuits: Option<PathBuf>,
    /// The folder of SP1's PLONK circuits, which holds one folder per circuit version.
    pub plonk_circuits: Option<PathBuf>,
    /// How long any other process may take to start.
    pub light_start: Duration,
    /// How long a process that proves on this machine may take to start.
    pub cpu_start: Duration,
    /// How long a verifying key or a verification may take: a key is 20 s of both cores on two of them.
    pub check: Duration,
}

impl ChildConfig {
    /// The default configuration of processes that run `program`.
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            environment: Vec::new(),
            directory: None,
            executors: 2,
            backend: Backend::Cpu,
            provers: 1,
            requirements: Requirements::default(),
            groth16_circuits: None,
            plonk_circuits: None,
            light_start: Duration::from_mins(1),
            cpu_start: Duration::from_mins(20),
            check: Duration::from_mins(10),
        }
    }
}

/// The memory that the prover takes at its peak, its start included.
///
/// The defaults were measured with SP1 6.10 on two cores (docs/performance.md); what a proof needs hardly depends on
/// the circuit, because SP1 cuts long runs into shards of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// For a core proof.
    pub core: MemorySize,
    /// For a compressed proof.
    pub compressed: MemorySize,
    /// For a proof that contracts take.
    pub onchain: MemorySize,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            core: MemorySize::from_gibibytes(10),
            compressed: MemorySize::from_gibibytes(18),
            onchain: MemorySize::from_gibibytes(18),
        }
    }
}

impl Requirements {
    /// What a proof of `kind` takes.
    pub fn of(&self, kind: ProofKind) -> MemorySize {
        match kind {
            ProofKind::Execute => MemorySize::default(),
            ProofKind::Core => self.core,
            ProofKind::Compressed => self.compressed,
            ProofKind::Groth16 | ProofKind::Plonk => self.onchain,
        }
    }
}
