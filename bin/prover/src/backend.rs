//! What makes proofs, from arguments and environment; whatever is missing is refused before anything is begun.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use valence_coprocessor_zkvm::ZkvmError;
use valence_coprocessor_zkvm_sp1::{
    Backend as Prover, ChildConfig, CudaConfig, Mode, NetworkConfig, NetworkKey,
    NetworkMode as Market,
};

use crate::arguments::{Backend, NetworkMode, Proving, Serve};

/// The variable that holds the key of the account that pays, by the name that SP1 gives it.
const NETWORK_KEY: &str = "NETWORK_PRIVATE_KEY";

/// Where SP1 keeps its CUDA server, below the home folder.
const CUDA_SERVER: &str = ".sp1/bin/sp1-gpu-server";

/// Sets up the processes of a worker.
pub(crate) fn for_worker(arguments: &Serve, config: &mut ChildConfig) -> anyhow::Result<()> {
    let slots = arguments.slots.max(1);
    match arguments.proving.backend {
        Backend::Execute => config.executors = slots,
        Backend::Network => {
            config.backend = prover(&arguments.proving, config)?;
            config.provers = slots;
        }
        backend @ (Backend::Cpu | Backend::Cuda) => {
            config.backend = prover(&arguments.proving, config)?;
            if slots > 1 {
                bail!(
                    "backend {} has one slot, not {slots}: one proof takes all that a machine or a GPU has",
                    backend.name()
                );
            }
            config.executors = slots;
        }
    }
    Ok(())
}

/// Sets up the processes for one proof.
pub(crate) fn by_hand(proving: &Proving, config: &mut ChildConfig) -> anyhow::Result<()> {
    config.backend = prover(proving, config)?;
    Ok(())
}

fn prover(proving: &Proving, config: &ChildConfig) -> anyhow::Result<Prover> {
    match proving.backend {
        Backend::Execute => Err(ZkvmError::NoProof.into()),
        Backend::Cpu => Ok(Prover::Cpu),
        Backend::Cuda => {
            Mode::Cuda.check_build()?;
            Ok(Prover::Cuda(CudaConfig {
                server: match &proving.cuda_server {
                    Some(server) => server.clone(),
                    None => installed_server(config)?,
                },
                device: proving.cuda_device,
            }))
        }
        Backend::Network => {
            Mode::Network.check_build()?;
            Ok(Prover::Network(NetworkConfig {
                key: network_key(proving.network_key_file.as_deref())?,
                mode: match proving.network_mode {
                    NetworkMode::Mainnet => Market::Mainnet,
                    NetworkMode::Reserved => Market::Reserved,
                },
                url: proving.network_url.clone(),
                price: proving.network_price,
            }))
        }
    }
}

fn installed_server(config: &ChildConfig) -> anyhow::Result<PathBuf> {
    let home = config.environment.iter().find(|(name, _)| name == "HOME");
    let (_, home) = home.context("HOME is not set: name SP1's CUDA server with --cuda-server")?;
    Ok(Path::new(home).join(CUDA_SERVER))
}

/// The key in a file, or else in the variable.
fn network_key(file: Option<&Path>) -> anyhow::Result<NetworkKey> {
    if let Some(path) = file {
        let text = fs::read_to_string(path)
            .with_context(|| format!("cannot read the account's key in {}", path.display()))?;
        return text
            .parse()
            .with_context(|| format!("in {}", path.display()));
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "programs read their configuration; clap would take it as an argument too, which everybody sees"
    )]
    let text = env::var(NETWORK_KEY);
    match text {
        Ok(text) => text.parse().with_context(|| format!("in {NETWORK_KEY}")),
        Err(env::VarError::NotUnicode(_)) => bail!("{NETWORK_KEY} is no text"),
        Err(env::VarError::NotPresent) => Err(ZkvmError::Unavailable {
            what: "proving with backend network: the key of the account that pays".to_owned(),
            hint: format!(
                "set {NETWORK_KEY} or name a file with `--network-key-file`; SP1's prover network gives accounts"
            ),
        }
        .into()),
    }
}
