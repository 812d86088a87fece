//! Who proves: this machine, the workers that the operator named, and those that callers bring along.

use std::{io, sync::Arc};

use anyhow::{Context as _, bail};
use tracing::info;
use valence_coprocessor_fleet::{Connector, Fleet, FleetConfig, LocalWorker};
use valence_coprocessor_prover::worker_secret;
use valence_coprocessor_wasm::NetworkRules;
use valence_coprocessor_zkvm::{Capacity, Provers, Worker, WorkerError, WorkerName, Zkvm};
use valence_coprocessor_zkvm_remote::{Lookup, RemoteConfig, RemoteWorker, Secret, WorkerAddress};

use crate::arguments::Arguments;

/// What this machine does at once for jobs: more proofs would share its memory, more runs its cores.
const HERE: Capacity = Capacity {
    proofs: 1,
    executions: 2,
};

/// The workers that the arguments name; this machine alone if they name none.
pub(crate) fn start(
    arguments: &Arguments,
    zkvm: &Arc<dyn Zkvm>,
    network: NetworkRules,
) -> anyhow::Result<Arc<dyn Provers>> {
    let secret = worker_secret(arguments.prover_secret_file.as_deref())?;
    let mut public: Vec<Arc<dyn Worker>> = Vec::new();
    for address in &arguments.prover {
        if public
            .iter()
            .any(|worker| worker.name().0 == address.to_string())
        {
            bail!("worker {address} is named twice");
        }
        let worker = RemoteWorker::new(address.clone(), secret.clone(), RemoteConfig::default())
            .context("a worker that `--prover` names cannot be used")?;
        public.push(Arc::new(worker));
    }
    if public.is_empty() || arguments.prove_here {
        public.push(Arc::new(LocalWorker::new(Arc::clone(zkvm), HERE)));
    }
    let names: Vec<String> = public
        .iter()
        .map(|worker| worker.name().0.clone())
        .collect();
    info!(workers = names.join(" "), "workers for everybody");
    let connector = connector(secret, network);
    Ok(Arc::new(Fleet::start(
        FleetConfig::default(),
        public,
        Some(connector),
    )))
}

/// Connects to a caller's worker at addresses that the rules permit, and to no other. It must know this service's secret, like
/// every worker, or be on this machine.
fn connector(secret: Option<Secret>, network: NetworkRules) -> Connector {
    let lookup: Lookup = Arc::new(move |host, port| {
        let network = network.clone();
        Box::pin(async move {
            let target = if host.contains(':') {
                format!("[{host}]:{port}")
            } else {
                format!("{host}:{port}")
            };
            network
                .resolve_target(&target)
                .await
                .map_err(io::Error::other)
        })
    });
    Arc::new(move |name: &WorkerName| {
        let refuse = |reason: String| WorkerError::Lost { reason };
        let address = if name.0.contains("://") {
            name.0.parse::<WorkerAddress>()
        } else {
            format!("https://{name}").parse()
        };
        let address = address.map_err(|error| refuse(error.to_string()))?;
        let worker = RemoteWorker::new(address, secret.clone(), RemoteConfig::default())
            .map_err(|error| refuse(error.to_string()))?
            .with_lookup(Arc::clone(&lookup))
            .with_name(name.clone());
        Ok(Arc::new(worker) as Arc<dyn Worker>)
    })
}
