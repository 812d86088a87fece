//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_zkvm::ProofKind;

/// Runs and proves circuits of the Valence co-processor by hand.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor-prover", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Folder with SP1's Groth16 circuits.
    #[arg(
        long,
        global = true,
        env = "SP1_GROTH16_CIRCUIT_PATH",
        value_name = "FOLDER"
    )]
    pub(crate) groth16_circuits: Option<PathBuf>,
    /// Folder with SP1's PLONK circuits.
    #[arg(
        long,
        global = true,
        env = "SP1_PLONK_CIRCUIT_PATH",
        value_name = "FOLDER"
    )]
    pub(crate) plonk_circuits: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the hash of a circuit's verifying key, as contracts pin it.
    Vk {
        /// The circuit's ELF.
        elf: PathBuf,
    },
    /// Run a circuit without proving it.
    Execute {
        #[command(flatten)]
        run: Run,
    },
    /// Prove a run of a circuit.
    Prove {
        #[command(flatten)]
        run: Run,
        /// core, compressed, groth16 or plonk.
        #[arg(long, default_value = "compressed")]
        kind: ProofKind,
        /// Where to write the proof file.
        #[arg(long)]
        out: PathBuf,
        /// The nonce under which the circuit is deployed; part of the circuit id in the file.
        #[arg(long, default_value_t = 0)]
        nonce: u64,
    },
    /// Verify a proof file.
    Verify {
        /// The proof file.
        file: PathBuf,
        #[command(flatten)]
        key: Key,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The circuit's ELF.
    pub(crate) elf: PathBuf,
    /// A file with the bytes that the circuit reads.
    pub(crate) input: PathBuf,
    /// The most cycles that the circuit may take.
    #[arg(long, default_value_t = 1_000_000_000)]
    pub(crate) cycles: u64,
    /// The most seconds that it may take, once the prover is ready.
    #[arg(long, default_value_t = 7200)]
    pub(crate) seconds: u64,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The circuit whose proof it must be.
    #[arg(long)]
    pub(crate) elf: Option<PathBuf>,
    /// The verifying key's hash that it must be of; core proofs need --elf.
    #[arg(long)]
    pub(crate) vk: Option<VerifyingKeyHash>,
}
