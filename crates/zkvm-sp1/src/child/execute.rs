//! Runs a circuit without proving it.

use std::sync::Arc;

use sp1_core_executor::{ExecutionError, Program, SP1CoreOpts};
use sp1_prover::worker::{SP1ExecutorConfig, execute_with_options};
use sp1_sdk::{SP1Context, SP1PublicValues, SP1Stdin};
use tokio::{runtime::Runtime, sync::watch};
use valence_coprocessor_zkvm::{Execution, ZkvmError};

/// The most memory that a circuit may touch.
const MEMORY_LIMIT: u64 = 4 << 30;

/// Entries of memory reads after which the executor hands over a chunk. Limits bite between chunks, and two chunks are
/// held at a time: 64 MiB each here, where SP1's default is 2 GiB.
const CHUNK: u64 = 1 << 22;

/// Runs `program` on `input`; only exit code 0 within `limit` cycles is `Ok`. The number beside the run is SP1's gas, or
/// more: each chunk costs some, and they are smaller here than where gas is charged.
///
/// A circuit that reads no memory never ends a chunk, so the parent also limits the time.
pub(crate) fn execute(
    runtime: &Runtime,
    program: Arc<Program>,
    input: &[u8],
    limit: u64,
) -> Result<(Execution, Option<u64>), ZkvmError> {
    let (stderr, panic_text) = watch::channel(String::new());
    let mut context = SP1Context::builder();
    // Exit code and cycles are reported only where gas is calculated; SP1's own limit excludes the last cycle.
    context
        .calculate_gas(true)
        .max_cycles(limit.saturating_add(1))
        .stderr_channel(stderr);
    let options = SP1CoreOpts {
        memory_limit: MEMORY_LIMIT,
        gas_trace_chunk_threshold: CHUNK,
        ..SP1CoreOpts::default()
    };
    let run = execute_with_options(
        program,
        stdin(input),
        context.build(),
        options,
        SP1ExecutorConfig::default(),
    );
    let (public_values, digest, report) = runtime
        .block_on(run)
        .map_err(|error| failure(error.downcast_ref(), limit, || format!("{error:#}")))?;
    let cycles = report.total_instruction_count();
    if cycles > limit {
        return Err(ZkvmError::CycleLimit { limit });
    }
    if report.exit_code != 0 {
        let message = panic_message(&panic_text.borrow(), report.exit_code);
        return Err(ZkvmError::GuestPanicked { message });
    }
    check_digest(&public_values, digest)?;
    let execution = Execution {
        public_values: public_values.to_vec(),
        cycles,
    };
    Ok((execution, report.gas()))
}

/// The input as the guest's `read_vec` finds it.
pub(crate) fn stdin(input: &[u8]) -> SP1Stdin {
    let mut stdin = SP1Stdin::new();
    stdin.write_slice(input);
    stdin
}

/// Circuits that commit under BLAKE3 are refused here, before a proof is made that no contract takes.
fn check_digest(public_values: &SP1PublicValues, digest: [u8; 32]) -> Result<(), ZkvmError> {
    if public_values.hash() == digest {
        return Ok(());
    }
    Err(ZkvmError::InvalidElf {
        reason: "it does not commit the SHA-256 of its public values; build it without SP1's feature `blake3`"
            .to_owned(),
    })
}

fn panic_message(stderr: &str, exit_code: u64) -> String {
    match stderr.trim() {
        "" => format!("it ended with exit code {exit_code} and wrote no message"),
        text => text.to_owned(),
    }
}

fn failure(error: Option<&ExecutionError>, limit: u64, text: impl FnOnce() -> String) -> ZkvmError {
    match error {
        Some(ExecutionError::ExceededCycleLimit(_)) => ZkvmError::CycleLimit { limit },
        Some(ExecutionError::TooMuchMemory() | ExecutionError::KilledByMemoryMonitor(_)) => {
            ZkvmError::GuestPanicked {
                message: format!("it used more than {} GiB of memory", MEMORY_LIMIT >> 30),
            }
        }
        Some(ExecutionError::ChildKilled()) => ZkvmError::ProverDied {
            reason: "the executor was killed, perhaps for lack of memory".to_owned(),
        },
        Some(error) => ZkvmError::GuestPanicked {
            message: error.to_string(),
        },
        None => ZkvmError::Failed { reason: text() },
    }
}
