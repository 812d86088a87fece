//! Puts the parts together and runs them until a signal comes.

use std::{
    env, fs,
    io::{self, Write as _},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use valence_coprocessor::{DomainSet, Engine, EngineConfig, Mode, Stats};
use valence_coprocessor_callbacks::HttpCallbacks;
use valence_coprocessor_server::{Server, ServerConfig, ServerLimits};
use valence_coprocessor_store::{MemoryStore, Store};
use valence_coprocessor_store_redb::RedbStore;
use valence_coprocessor_store_redis::RedisStore;
use valence_coprocessor_wasm::{NetworkRules, RpcEndpoints, Sandbox, SandboxConfig};
use valence_coprocessor_zkvm::{MemorySize, Zkvm};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Requirements, Sp1Children};

use crate::{
    arguments::{Arguments, StoreChoice},
    domain_set, metrics, workers,
};

/// What prover processes are given of the environment; SP1 reads dozens of variables, which must not change what it does.
const PROVER_ENVIRONMENT: [&str; 3] = ["PATH", "HOME", "RUST_LOG"];

/// Runs the service until it is told to stop.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot listen for SIGINT")?;

    let (engine, mode) = open_engine(&arguments).await?;
    let config = ServerConfig {
        bind: SocketAddr::new(arguments.bind, arguments.port),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        limits: ServerLimits::default(),
        engine_metrics: metrics::collect()?,
    };
    let server = Server::bind(config, engine.clone()).await.context(
        "the service cannot start; is another one running? `--port 0` takes a free port",
    )?;
    let address = server.local_addr();
    announce(&arguments, address, &engine, mode)?;

    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.run(stop.clone()));
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    info!(
        grace = arguments.grace,
        "stopping; a second signal stops at once"
    );
    stop.cancel();
    let finish = async {
        engine.shutdown(Duration::from_secs(arguments.grace)).await;
        if let Err(error) = serving.await {
            warn!(%error, "the server ended badly");
        }
    };
    tokio::select! {
        () = finish => info!("stopped"),
        _ = terminate.recv() => warn!("stopped at once; unfinished jobs go on at the next start"),
        _ = interrupt.recv() => warn!("stopped at once; unfinished jobs go on at the next start"),
    }
    Ok(())
}

async fn open_engine(arguments: &Arguments) -> anyhow::Result<(Engine, &'static str)> {
    let (mode, name) = match &arguments.domain_set {
        _ if arguments.dev => (Mode::Dev, "development: blocks are trusted, not proven"),
        Some(path) => (
            Mode::Elected(domain_set::read(path)?),
            "elected domains only",
        ),
        None => (Mode::Elected(DomainSet::default()), "no domain is elected"),
    };
    let mut config = EngineConfig::new(mode);
    config.default_kind = arguments.default_kind;
    config.limits.execution.cycles = arguments.cycle_limit;
    config.limits.proof.cycles = arguments.cycle_limit;
    config.limits.live_jobs = arguments.live_jobs;
    let network = NetworkRules::allowing(arguments.allow_network.clone());
    set_how_long(&mut config, arguments);
    if !arguments.no_callbacks {
        let callbacks = HttpCallbacks::new(network.clone()).context("cannot prepare callbacks")?;
        config.callbacks = Arc::new(callbacks);
    }

    config.worker_network = network.clone();
    let zkvm = zkvm(arguments)?;
    let provers = workers::start(arguments, &zkvm, network.clone())?;
    let sandbox = Sandbox::new(SandboxConfig {
        network,
        rpc: endpoints(arguments),
        ..SandboxConfig::default()
    })
    .context("cannot start the sandbox of controllers")?;
    let engine = Engine::open(config, open_store(arguments)?, zkvm, provers, sandbox)
        .await
        .context("cannot open the engine on this store")?;
    Ok((engine, name))
}

/// Deadlines, callbacks and what is kept.
fn set_how_long(config: &mut EngineConfig, arguments: &Arguments) {
    let limits = &mut config.limits;
    limits.deadline = Duration::from_secs(arguments.deadline);
    limits.longest_deadline = Duration::from_secs(arguments.longest_deadline);
    limits.callback.attempts = arguments.callback_attempts;
    limits.callback.duration = Duration::from_hours(arguments.callback_hours.into());
    let days = u64::from(arguments.keep_results);
    config.keep_results = (days > 0).then(|| Duration::from_hours(24 * days));
}

fn endpoints(arguments: &Arguments) -> RpcEndpoints {
    let mut endpoints = RpcEndpoints::new();
    for node in &arguments.rpc {
        endpoints = endpoints.with_node(&node.chain, node.url.clone());
    }
    if let Some(key) = &arguments.ankr_api_key {
        endpoints = endpoints.with_ankr_key(key);
    }
    if let Some(key) = &arguments.alchemy_api_key {
        endpoints = endpoints.with_alchemy_key(key);
    }
    endpoints
}

fn open_store(arguments: &Arguments) -> anyhow::Result<Arc<dyn Store>> {
    match &arguments.store {
        StoreChoice::Memory => Ok(Arc::new(MemoryStore::new())),
        StoreChoice::Redis(config) => {
            let store = RedisStore::open(config).context("cannot open the store in Redis")?;
            Ok(Arc::new(store))
        }
        StoreChoice::Redb => {
            let folder = &arguments.data_dir;
            let fresh = !folder.exists();
            let store = RedbStore::open(folder).with_context(|| {
                format!(
                    "cannot open the data folder {}; `--data-dir` names another",
                    folder.display()
                )
            })?;
            let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.clone());
            if fresh {
                info!(folder = %folder.display(), "created the data folder");
            }
            Ok(Arc::new(store))
        }
    }
}

fn zkvm(arguments: &Arguments) -> anyhow::Result<Arc<dyn Zkvm>> {
    let program = env::current_exe()
        .context("cannot find the service's own file, from which provers are started")?;
    let mut config = ChildConfig::new(program);
    #[expect(
        clippy::disallowed_methods,
        reason = "bin/ hands on to provers what it was given itself"
    )]
    let environment = PROVER_ENVIRONMENT
        .iter()
        .filter_map(|name| env::var_os(name).map(|value| (name.into(), value)));
    config.environment = environment.collect();
    config
        .groth16_circuits
        .clone_from(&arguments.groth16_circuits);
    config.plonk_circuits.clone_from(&arguments.plonk_circuits);
    config.requirements = Requirements {
        core: MemorySize::from_gibibytes(arguments.core_memory),
        compressed: MemorySize::from_gibibytes(arguments.compressed_memory),
        onchain: MemorySize::from_gibibytes(arguments.compressed_memory),
    };
    let children = Sp1Children::new(config).context("cannot prepare the provers")?;
    Ok(Arc::new(children))
}

/// Says where the service is and how it runs; the first line is for programs.
fn announce(
    arguments: &Arguments,
    address: SocketAddr,
    engine: &Engine,
    mode: &str,
) -> anyhow::Result<()> {
    let Stats { store, root, .. } = engine.stats().context("cannot read the store")?;
    let mut text = format!(
        "listening on http://{address}\n  mode     {mode}\n  store    {store}\n  root     {root}\n  swagger  http://{address}/\n"
    );
    if !arguments.dev && arguments.domain_set.is_none() {
        text.push_str("  hint     blocks are refused: `--dev` takes them unproven, `--domain-set FILE` names the domains to take\n");
    }
    let mut stderr = io::stderr().lock();
    stderr
        .write_all(text.as_bytes())
        .context("cannot write to stderr")?;
    drop(stderr);
    if !address.ip().is_loopback() {
        warn!(%address, "everybody who reaches this address may deploy code and ask for proofs; put a proxy before it");
    }
    if let Some(path) = &arguments.port_file {
        // Written beside and renamed, so that whoever waits for the file reads it whole.
        let draft = path.with_extension("draft");
        fs::write(&draft, format!("{address}\n"))
            .and_then(|()| fs::rename(&draft, path))
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
