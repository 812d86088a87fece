//! From arguments to the parts of an operator.

use std::{env, fs, path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, ensure};
use valence_coprocessor_api::{hex, signing::RequestSigner};
use valence_coprocessor_client::Client;
use valence_coprocessor_ethereum_light_client::BlockRoot;
use valence_coprocessor_ethereum_operator::{
    Backoff, BeaconNodes, BeaconUrl, FetchLimits, Network, NetworkFile, OperatorConfig, StepProver,
};
use valence_coprocessor_protocol::DomainName;
use valence_coprocessor_zkvm::{Limits, Zkvm};
use valence_coprocessor_zkvm_sp1::{ChildConfig, Sp1Children};

use crate::{
    arguments::{Arguments, Kind},
    environment,
};

/// A built-in network, or one of a file.
pub(crate) fn network(name: &str) -> anyhow::Result<Network> {
    if let Some(network) = Network::named(name) {
        return Ok(network);
    }
    let text = fs::read_to_string(name).with_context(|| {
        format!("`{name}` is neither mainnet, sepolia nor hoodi, nor a file that can be read")
    })?;
    NetworkFile::parse(&text)
        .and_then(|file| file.network())
        .with_context(|| format!("the network's file {name} is malformed"))
}

/// What the operator is told.
pub(crate) fn config(arguments: &Arguments) -> anyhow::Result<OperatorConfig> {
    let network = network(&arguments.network)?;
    let name = arguments
        .domain
        .clone()
        .unwrap_or_else(|| format!("ethereum-{}", network.name));
    let domain = DomainName::new(&name).with_context(|| format!("domain `{name}`"))?;
    let checkpoint = arguments
        .checkpoint
        .as_deref()
        .map(block_root)
        .transpose()?;
    let mut config = OperatorConfig::new(network, domain);
    config.checkpoint = checkpoint;
    config.periods_per_step = arguments.max_periods_per_step;
    config.attempts = arguments.attempts;
    if let Some(seconds) = arguments.interval {
        config.interval = Duration::from_secs(seconds);
    }
    Ok(config)
}

fn block_root(text: &str) -> anyhow::Result<BlockRoot> {
    let bytes = hex::decode(text).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let bytes = bytes.context("--checkpoint is not a block root: 64 hexadecimal digits")?;
    Ok(BlockRoot::from_bytes(&bytes))
}

/// The nodes that are named, then those of API keys.
pub(crate) fn nodes(arguments: &Arguments, network: Option<&str>) -> anyhow::Result<BeaconNodes> {
    let mut urls = Vec::new();
    for (index, text) in arguments.beacon.iter().enumerate() {
        // The text may hold a key, so it is not shown.
        let url = BeaconUrl::parse(text)
            .with_context(|| format!("--beacon number {} is no http or https URL", index + 1))?;
        urls.push(url);
    }
    if let Some(network) = network {
        let ankr = arguments.ankr_api_key.as_deref();
        urls.extend(ankr.and_then(|key| BeaconUrl::ankr(network, key)));
        let alchemy = arguments.alchemy_api_key.as_deref();
        urls.extend(alchemy.and_then(|key| BeaconUrl::alchemy(network, key)));
    }
    ensure!(
        !urls.is_empty(),
        "no beacon node is named: give --beacon URL, or an API key"
    );
    Ok(BeaconNodes::new(
        urls,
        FetchLimits::default(),
        Backoff::default(),
    )?)
}

/// A client of the service that signs, if there is a key.
pub(crate) fn service(arguments: &Arguments) -> anyhow::Result<Client> {
    let client = Client::new(&arguments.service)?;
    #[expect(
        clippy::disallowed_methods,
        reason = "this program resolves its configuration once; a secret must not be an argument"
    )]
    let text = match &arguments.signing_key {
        Some(path) => Some(read_text(path)?),
        None => env::var(environment::SIGNING_KEY)
            .ok()
            .filter(|text| !text.is_empty()),
    };
    Ok(match text {
        Some(text) => {
            let signer = RequestSigner::parse(&text)
                .context("there is no signing key where one was named")?;
            client.with_signer(signer)
        }
        None => client,
    })
}

/// How steps become evidence, and what has to be shut down at the end.
pub(crate) fn prover(arguments: &Arguments) -> anyhow::Result<(StepProver, Option<Arc<dyn Zkvm>>)> {
    let is_run_only = arguments.dev_execute || arguments.kind == Kind::Execute;
    let proves_nothing = arguments.print_genesis || (arguments.dry_run && arguments.elf.is_none());
    if is_run_only || proves_nothing {
        return Ok((StepProver::Input, None));
    }
    let path = arguments
        .elf
        .as_ref()
        .context("a proof needs the circuit: name ethereum-step.elf by --elf")?;
    let elf = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut config = ChildConfig::new(
        env::current_exe()
            .context("cannot find this program's own file, from which provers are started")?,
    );
    #[expect(
        clippy::disallowed_methods,
        reason = "bin/ hands on to provers what it was given itself"
    )]
    let passed_on = environment::PROVER
        .iter()
        .filter_map(|name| env::var_os(name).map(|value| (name.into(), value)));
    config.environment = passed_on.collect();
    let zkvm: Arc<dyn Zkvm> =
        Arc::new(Sp1Children::new(config).context("cannot prepare the provers")?);
    let limits = |duration| Limits {
        cycles: arguments.cycle_limit,
        duration,
    };
    let prover = StepProver::Compressed {
        zkvm: Arc::clone(&zkvm),
        elf: Arc::from(elf),
        execution: limits(Duration::from_mins(10)),
        proof: limits(Duration::from_secs(arguments.proof_seconds)),
    };
    Ok((prover, Some(zkvm)))
}

fn read_text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
