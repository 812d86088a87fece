//! The command `serve`: this machine as a worker of services.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use valence_coprocessor_zkvm::{CancellationToken, Limits, ProofKind, Zkvm as _, ZkvmError};
use valence_coprocessor_zkvm_remote::{
    KindStatus, Listener, Missing, ProgramCache, Worker, WorkerConfig,
};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Sp1Children};

use crate::{
    arguments::{Backend, Serve},
    secret::worker_secret,
};

/// What is logged unless `RUST_LOG` says otherwise.
pub(crate) const DEFAULT_FILTER: &str = "warn,valence_coprocessor=info";

/// Serves until SIGTERM or SIGINT; the second one ends it at once.
pub(crate) async fn run(arguments: Serve, children: ChildConfig) -> anyhow::Result<()> {
    let secret = worker_secret(arguments.secret_file.as_deref())?;
    let listener = Listener::bind(SocketAddr::new(arguments.bind, arguments.port), secret).await?;
    let zkvm = Arc::new(Sp1Children::new(children)?);
    if arguments.proving.backend != Backend::Execute {
        zkvm.check_backend().await?;
    }
    let config = config(&arguments, &zkvm);
    let programs = programs(&arguments)?;
    let mut terminate = signal(SignalKind::terminate()).context("cannot wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot wait for SIGINT")?;
    announce(&listener, arguments.port_file.as_deref())?;
    let stop = CancellationToken::new();
    let worker = Worker::new(Arc::clone(&zkvm) as _, programs, config);
    let serving = worker.serve(listener, stop.clone());
    let signals = async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to end");
        stop.cancel();
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    };
    let (served, is_patient) = tokio::select! {
        served = serving => (served, true),
        () = signals => (Ok(()), false),
    };
    let hurry = async {
        if is_patient {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        }
    };
    tokio::select! {
        biased;
        () = zkvm.shutdown() => {}
        () = hurry => {}
    }
    served.context("the worker ended")
}

fn config(arguments: &Serve, zkvm: &Sp1Children) -> WorkerConfig {
    WorkerConfig {
        backend: arguments.proving.backend.name().to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        kinds: ProofKind::ALL
            .into_iter()
            .map(|kind| KindStatus {
                kind,
                missing: missing(arguments.proving.backend, kind, zkvm),
            })
            .collect(),
        slots: arguments.slots.max(1),
        queue: arguments.queue,
        limits: Limits {
            cycles: arguments.cycle_limit.unwrap_or(u64::MAX),
            duration: Duration::from_secs(arguments.time_limit),
        },
        drain: Duration::from_secs(arguments.drain),
        ..WorkerConfig::default()
    }
}

/// What is missing for a kind on this machine with this backend.
fn missing(backend: Backend, kind: ProofKind, zkvm: &Sp1Children) -> Option<Missing> {
    let checked = if backend == Backend::Execute && kind != ProofKind::Execute {
        Err(ZkvmError::Unavailable {
            what: format!("proving of kind {kind}: backend execute proves nothing"),
            hint: "ask a worker with another backend, or for kind execute".to_owned(),
        })
    } else {
        zkvm.check_installation(kind)
    };
    match checked {
        Ok(()) => None,
        Err(ZkvmError::Unavailable { what, hint }) => Some(Missing { what, hint }),
        Err(other) => Some(Missing {
            what: other.to_string(),
            hint: String::new(),
        }),
    }
}

fn programs(arguments: &Serve) -> anyhow::Result<ProgramCache> {
    let limit = arguments.program_cache_bytes;
    match &arguments.program_cache {
        None => Ok(ProgramCache::in_memory(limit)),
        Some(folder) => ProgramCache::in_folder(folder, limit)
            .with_context(|| format!("cannot keep programs in {}", folder.display())),
    }
}

/// Tells a person, and whoever waits for the file.
fn announce(listener: &Listener, port_file: Option<&Path>) -> anyhow::Result<()> {
    let address = listener.address();
    let scheme = if listener.is_secured() {
        "https"
    } else {
        "http"
    };
    writeln!(io::stderr(), "listening on {scheme}://{address}")
        .context("cannot write to stderr")?;
    if let Some(path) = port_file {
        // Written beside and renamed, so that whoever waits for the file reads it whole.
        let draft = path.with_extension("draft");
        fs::write(&draft, format!("{address}\n"))
            .and_then(|()| fs::rename(&draft, path))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
