//! What the commands do.

use std::{
    env, fs,
    io::{self, IsTerminal as _, Write as _},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, anyhow};
use clap::Parser as _;
use serde_json::{Value, json};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_telemetry::Exporter;
use valence_coprocessor_verifier::{self as offline, ProofFile};
use valence_coprocessor_zkvm::{
    CancellationToken, Limits, ProgressReceiver, ProgressSender, Proof, ProofKind, ProveRequest,
    VerifyingKey, Zkvm, ZkvmError,
};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Sp1Children};

use crate::{
    arguments::{Arguments, ByHand, Command, Key, Run},
    backend,
    child::{DEFAULT_FILTER, chain, report},
    logging, serve,
};

/// A result for a person and for a program.
struct Output {
    text: String,
    json: Value,
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let exporter = match start_logging(&arguments) {
        Ok(exporter) => exporter,
        Err(error) => {
            report(&chain(error.as_ref()));
            return ExitCode::FAILURE;
        }
    };
    let json = arguments.json;
    let outcome = execute(arguments);
    if let Some(exporter) = exporter {
        exporter.shutdown();
    }
    match outcome {
        Ok(output) => {
            if let Some(output) = output {
                let text = if json {
                    output.json.to_string()
                } else {
                    output.text
                };
                let _ = writeln!(io::stdout(), "{text}");
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            report(&chain(error.as_ref()));
            let cause = error.downcast_ref::<ZkvmError>();
            if let Some(hint) = cause.and_then(ZkvmError::hint) {
                let _ = writeln!(io::stderr(), "hint: {hint}");
            }
            ExitCode::from(exit_code(cause))
        }
    }
}

fn start_logging(arguments: &Arguments) -> anyhow::Result<Option<Exporter>> {
    let (default, serve) = match &arguments.command {
        Command::Serve(serve) => (serve::DEFAULT_FILTER, Some(serve)),
        Command::ByHand(_) => (DEFAULT_FILTER, None),
    };
    let Some((serve, collector)) = serve.and_then(|serve| Some((serve, serve.otlp.as_ref()?)))
    else {
        logging::to_stderr(default);
        return Ok(None);
    };
    let instance = format!("{}:{}", serve.bind, std::process::id());
    Ok(Some(logging::to_stderr_and(collector, instance, default)?))
}

/// 2 where the machine failed, 1 where the user must change something.
fn exit_code(cause: Option<&ZkvmError>) -> u8 {
    match cause {
        Some(
            ZkvmError::ProverDied { .. }
            | ZkvmError::OutOfMemory { .. }
            | ZkvmError::Unavailable { .. }
            | ZkvmError::ShutDown
            | ZkvmError::Failed { .. },
        ) => 2,
        _ => 1,
    }
}

/// A worker has no result of its own.
fn execute(arguments: Arguments) -> anyhow::Result<Option<Output>> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start threads")?;
    runtime.block_on(async {
        let mut config = ChildConfig {
            groth16_circuits: arguments.groth16_circuits,
            plonk_circuits: arguments.plonk_circuits,
            environment: env::vars_os()
                .filter(|(name, _)| is_passed_on(name.to_str()))
                .collect(),
            ..ChildConfig::new(env::current_exe().context("cannot find this executable")?)
        };
        match arguments.command {
            Command::Serve(arguments) => {
                backend::for_worker(&arguments, &mut config)?;
                serve::run(arguments, config).await.map(|()| None)
            }
            Command::ByHand(command) => {
                if let ByHand::Prove { proving, .. } = &command {
                    backend::by_hand(proving, &mut config)?;
                }
                let prover = Sp1Children::new(config)?;
                let output = by_hand(&prover, command).await;
                prover.shutdown().await;
                output.map(Some)
            }
        }
    })
}

async fn by_hand(prover: &Sp1Children, command: ByHand) -> anyhow::Result<Output> {
    match command {
        ByHand::Vk { elf } => verifying_key(prover, &elf).await,
        ByHand::Execute { run } => execution(prover, &run).await,
        ByHand::Prove {
            run,
            kind,
            out,
            nonce,
            ..
        } => proof(prover, &run, kind, &out, nonce).await,
        ByHand::Verify { file, key } => verification(prover, &file, key).await,
    }
}

/// What of the environment a prover process sees: nothing that changes what SP1 does. The last ones say where the CUDA
/// server finds its libraries, and how the prover network is reached.
fn is_passed_on(name: Option<&str>) -> bool {
    matches!(
        name,
        Some(
            "HOME"
                | "PATH"
                | "RUST_LOG"
                | "RUST_BACKTRACE"
                | "RAYON_NUM_THREADS"
                | "LD_LIBRARY_PATH"
                | "SSL_CERT_FILE"
                | "SSL_CERT_DIR"
        )
    )
}

fn read(path: &Path) -> anyhow::Result<Arc<[u8]>> {
    fs::read(path)
        .map(Into::into)
        .with_context(|| format!("cannot read {}", path.display()))
}

fn limits(run: &Run) -> Limits {
    Limits {
        cycles: run.cycles,
        duration: Duration::from_secs(run.seconds),
    }
}

async fn verifying_key(prover: &Sp1Children, elf: &Path) -> anyhow::Result<Output> {
    let key = prover.verifying_key(read(elf)?).await?;
    let text = format!("0x{}", key.hash);
    Ok(Output {
        json: json!({ "vk": text }),
        text,
    })
}

async fn execution(prover: &Sp1Children, run: &Run) -> anyhow::Result<Output> {
    let execution = prover
        .execute(read(&run.elf)?, read(&run.input)?, limits(run))
        .await?;
    let public_values = hex(&execution.public_values);
    Ok(Output {
        text: format!(
            "cycles         {}\npublic values  {public_values}",
            execution.cycles
        ),
        json: json!({ "cycles": execution.cycles, "public_values": public_values }),
    })
}

/// Executes first: a circuit that panics should cost no proof.
async fn proof(
    prover: &Sp1Children,
    run: &Run,
    kind: ProofKind,
    out: &Path,
    nonce: u64,
) -> anyhow::Result<Output> {
    let (elf, input) = (read(&run.elf)?, read(&run.input)?);
    let key = prover.verifying_key(Arc::clone(&elf)).await?;
    let execution = prover
        .execute(Arc::clone(&elf), Arc::clone(&input), limits(run))
        .await?;
    let request = ProveRequest {
        elf: Arc::clone(&elf),
        input,
        kind,
        limits: limits(run),
    };
    let (progress, news) = ProgressSender::channel();
    let shown = tokio::spawn(show(news));
    let begun = Instant::now();
    let made = prover
        .prove(request, progress, CancellationToken::new())
        .await;
    shown.abort();
    let (made, seconds) = (made?, begun.elapsed().as_secs());
    if made.public_values != execution.public_values {
        return Err(anyhow!(
            "the proof is of other public values than the execution's"
        ));
    }
    prover.verify(&key, &made).await?;
    let bytes = write_file(&made, &key, CircuitId::of(&elf, nonce), out)?;
    Ok(Output {
        text: format!(
            "{kind} proof of {bytes} bytes in {seconds} s, {} cycles, verified",
            execution.cycles
        ),
        json: json!({
            "kind": kind.name(), "bytes": bytes, "seconds": seconds, "cycles": execution.cycles,
            "vk": format!("0x{}", key.hash), "public_values": hex(&made.public_values),
        }),
    })
}

fn write_file(
    proof: &Proof,
    key: &VerifyingKey,
    circuit: CircuitId,
    out: &Path,
) -> anyhow::Result<usize> {
    let kind = proof.kind.name().parse::<offline::ProofKind>()?;
    let file = ProofFile::new(
        kind,
        circuit,
        key.hash,
        proof.public_values.clone(),
        proof.bytes.clone(),
    )?
    .encode();
    fs::write(out, &file).with_context(|| format!("cannot write {}", out.display()))?;
    Ok(file.len())
}

async fn verification(prover: &Sp1Children, path: &Path, key: Key) -> anyhow::Result<Output> {
    let file = ProofFile::decode(&read(path)?)?;
    let kind = file.kind().name().parse::<ProofKind>()?;
    let (text, public_values) = (format!("{kind} proof holds"), hex(file.public_values()));
    match (key.elf, key.vk) {
        (Some(elf), _) => {
            let key = prover.verifying_key(read(&elf)?).await?;
            if key.hash != *file.verifying_key() {
                let got = *file.verifying_key();
                return Err(offline::VerifyError::OtherVerifyingKey {
                    got,
                    expected: key.hash,
                }
                .into());
            }
            let (public_values, bytes) = (file.public_values().to_vec(), file.proof().to_vec());
            prover
                .verify(
                    &key,
                    &Proof {
                        kind,
                        public_values,
                        bytes,
                    },
                )
                .await?;
        }
        (None, Some(key)) => drop(file.verify(&key)?),
        (None, None) => return Err(anyhow!("name the circuit with --elf or --vk")),
    }
    Ok(Output {
        json: json!({ "kind": kind.name(), "verified": true, "public_values": public_values }),
        text,
    })
}

/// Shows progress to a person, on a terminal only.
async fn show(mut news: ProgressReceiver) {
    while io::stderr().is_terminal() && news.changed().await.is_ok() {
        let text = news.borrow_and_update().text.clone();
        let _ = write!(io::stderr(), "\r{text:<40}");
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold("0x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}
