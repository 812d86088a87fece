//! What circuits cost, in cycles of the zkVM: the tables of docs/performance.md.
//!
//! The committed programs run on inputs that are made here, from recorded data and from chains and tries that are forged. What is
//! counted depends on program and input alone, so once is enough and no machine need be idle.

mod light_client;
mod openings;
mod state_proofs;
mod table;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use valence_coprocessor_zkvm::{Limits, Zkvm as _};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Sp1Children};

use crate::table::Table;

const LIMITS: Limits = Limits {
    cycles: 100_000_000,
    duration: Duration::from_mins(5),
};

fn main() -> anyhow::Result<ExitCode> {
    // The zkVM runs in child processes of this very program.
    if valence_coprocessor_prover::is_child() {
        return Ok(valence_coprocessor_prover::child_main());
    }
    // `cargo test --all-targets` runs benches too, to see whether they work; the tests run these circuits anyway.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Runtime::new().context("starting threads")?;
    runtime.block_on(run())?;
    Ok(ExitCode::SUCCESS)
}

async fn run() -> anyhow::Result<()> {
    let program = std::env::current_exe().context("finding this program")?;
    let zkvm = Sp1Children::new(ChildConfig::new(program))?;
    let mut out = std::io::stdout();
    for table in [
        light_client::steps(),
        light_client::signatures(),
        state_proofs::table(),
        openings::table(),
    ] {
        let measured = measure(&zkvm, &table).await?;
        write!(out, "{}", table.markdown(&measured)).context("writing to standard output")?;
    }
    zkvm.shutdown().await;
    Ok(())
}

/// The cycles of each row, and those of what it has apart.
async fn measure(zkvm: &Sp1Children, table: &Table) -> anyhow::Result<Vec<(u64, Option<u64>)>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../guests/artifacts")
        .join(table.program);
    let elf: Arc<[u8]> = std::fs::read(&path)
        .with_context(|| format!("reading {}", path.display()))?
        .into();
    let cycles = async |what: &str, input: &[u8]| {
        let run = zkvm.execute(Arc::clone(&elf), input.into(), LIMITS).await;
        run.map(|execution| execution.cycles)
            .with_context(|| format!("running {} on {what}", table.program))
    };
    let mut measured = Vec::new();
    for row in &table.rows {
        let together = cycles(&row.what, &row.input).await?;
        let apart = match &row.apart {
            Some(input) => Some(cycles(&row.what, input).await?),
            None => None,
        };
        measured.push((together, apart));
    }
    Ok(measured)
}
