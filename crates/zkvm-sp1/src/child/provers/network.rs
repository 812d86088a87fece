//! Proofs by SP1's prover network, or by a cluster behind a gateway that speaks the same.
//!
//! Nothing is believed about what comes back: the service verifies it like any other proof.

use std::{
    env,
    fs::File,
    io,
    num::NonZeroU64,
    time::{Duration, Instant},
};

use sp1_sdk::{
    Elf, NetworkProver, ProveRequest as _, Prover as _, ProverClient, SP1ProvingKey,
    network::{
        self, B256, Error as NetworkError, get_default_rpc_url_for_mode, signer::NetworkSigner,
    },
};
use tokio::{
    runtime::Runtime,
    sync::Mutex,
    task::spawn_blocking,
    time::{error::Elapsed, timeout},
};
use valence_coprocessor_zkvm::{Proof, Stage, ZkvmError, wire::Prove};

use super::{Prover, failed, mode_of, proof_of};
use crate::{
    NetworkConfig, NetworkMode,
    child::{
        elf,
        execute::{execute, stdin},
    },
};

/// How long the network may take to answer the first question.
const GREETING: Duration = Duration::from_secs(30);

/// How long calling a request off may take.
const CALL_OFF: Duration = Duration::from_secs(20);

/// How long an auction may go on without a bid.
const AUCTION: Duration = Duration::from_mins(5);

/// The latest deadline of a request; SP1 chooses none that is later.
const DEADLINE: Duration = Duration::from_hours(4);

/// A client of the network, with the request that it waits for.
pub(super) struct Network {
    runtime: Runtime,
    prover: NetworkProver,
    price: Option<NonZeroU64>,
    /// Held while a request is made, so that whoever calls it off waits for its number.
    open: Mutex<Option<B256>>,
}

/// What a run takes, and a proof of it may take at most.
#[derive(Clone, Copy)]
struct Cost {
    cycles: u64,
    gas: Option<u64>,
}

/// Host and port of a URL: who reads the error may not be who may read what else stands in it.
fn place(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
}

impl Network {
    /// Makes sure that the network answers, and that the account has anything to pay with.
    pub(super) fn start(config: &NetworkConfig) -> Result<Self, ZkvmError> {
        let runtime = Runtime::new().map_err(|error| failed(&error.to_string()))?;
        let mode = match config.mode {
            NetworkMode::Mainnet => network::NetworkMode::Mainnet,
            NetworkMode::Reserved => network::NetworkMode::Reserved,
        };
        let url = config
            .url
            .clone()
            .unwrap_or_else(|| get_default_rpc_url_for_mode(mode));
        // The parser's own error would repeat the key.
        let signer = NetworkSigner::local(config.key.digits()).map_err(|_| {
            unavailable(
                "a key of an account",
                "the key given is no key of secp256k1",
            )
        })?;
        let account = signer.address();
        let prover = runtime.block_on(
            ProverClient::builder()
                .network_for(mode)
                .signer(signer)
                .rpc_url(&url)
                .build(),
        );
        let balance = runtime.block_on(async { timeout(GREETING, prover.get_balance()).await });
        let is_poor = balance
            .map_err(|_: Elapsed| {
                format!(
                    "it gave no answer within {} s; the log says why",
                    GREETING.as_secs()
                )
            })
            .and_then(|balance| balance.map_err(|error| format!("{error:#}")))
            .map_err(|reason| unavailable(&format!("the network at {}", place(&url)), &reason))?
            .is_zero();
        if is_poor && config.mode == NetworkMode::Mainnet {
            return Err(unavailable(
                &format!("credit of the account {account}"),
                "its balance is 0: deposit tokens for it at the network",
            ));
        }
        Ok(Self {
            runtime,
            prover,
            price: config.price,
            open: Mutex::default(),
        })
    }

    /// Runs the circuit, so that what fails by itself costs nothing, and the limits of what is paid for are tight.
    fn run(&self, work: &Prove) -> Result<(Cost, SP1ProvingKey), ZkvmError> {
        let program = elf::program(&work.elf)?;
        // One run at a time: each takes all cores, and gigabytes where the circuit does.
        let _turn = turn("run").map_err(|error| failed(&error.to_string()))?;
        let (run, gas) = execute(&self.runtime, program, &work.input, work.cycles)?;
        let cost = Cost {
            cycles: run.cycles,
            gas,
        };
        let key = self
            .runtime
            .block_on(self.prover.setup(Elf::from(work.elf.clone())))
            .map_err(|error| failed(&error.to_string()))?;
        Ok((cost, key))
    }

    /// Asks for the proof and remembers the request.
    async fn request(
        &self,
        work: &Prove,
        cost: Cost,
        key: &SP1ProvingKey,
        left: Duration,
    ) -> Result<B256, ZkvmError> {
        let mut request = self
            .prover
            .prove(key, stdin(&work.input))
            .mode(mode_of(work.kind)?)
            .skip_simulation(true)
            .cycle_limit(cost.cycles)
            .timeout(left.min(DEADLINE));
        if let Some(gas) = cost.gas {
            request = request.gas_limit(gas);
        }
        if let Some(price) = self.price {
            request = request.max_price_per_pgu(price.get());
        }
        let mut open = self.open.lock().await;
        let _turn = account_turn()
            .await
            .map_err(|error| failed(&error.to_string()))?;
        let number = request
            .request()
            .await
            .map_err(|error| failure(&error, work))?;
        tracing::info!(request = %number, kind = %work.kind, "asked the network for a proof");
        *open = Some(number);
        Ok(number)
    }
}

impl Prover for Network {
    fn prove(&self, work: &Prove, report: &dyn Fn(Stage)) -> Result<Proof, ZkvmError> {
        let begun = Instant::now();
        report(Stage::Setup);
        let (cost, key) = self.run(work)?;
        report(Stage::Proving);
        let left = || work.duration.saturating_sub(begun.elapsed());
        let number = self
            .runtime
            .block_on(self.request(work, cost, &key, left()))?;
        let made = self.runtime.block_on(async {
            let made = self
                .prover
                .wait_proof(number, Some(left()), Some(AUCTION))
                .await;
            if made.as_ref().err().is_none_or(is_over) {
                *self.open.lock().await = None;
            }
            made
        });
        if made.is_err() {
            self.call_off();
        }
        proof_of(&made.map_err(|error| failure(&error, work))?, work.kind)
    }

    fn call_off(&self) {
        let called_off = self.runtime.block_on(timeout(CALL_OFF, async {
            let Some(number) = self.open.lock().await.take() else {
                return Ok(());
            };
            tracing::info!(request = %number, "calls the request off");
            let _turn = account_turn().await?;
            self.prover.cancel_request(number).await
        }));
        match called_off {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("the request goes on until its deadline: {error:#}"),
            Err(_) => tracing::warn!("the request goes on until its deadline: no answer"),
        }
    }
}

/// Requests of one account are numbered, so those who share it here take turns.
async fn account_turn() -> io::Result<File> {
    spawn_blocking(|| turn("account"))
        .await
        .map_err(io::Error::other)?
}

/// Waits until no other prover process of the same parent is at it; over when the file is dropped.
fn turn(what: &str) -> io::Result<File> {
    let file = File::create(env::temp_dir().join(format!("network-{what}")))?;
    file.lock()?;
    Ok(file)
}

/// Whether nothing of a request that ended so goes on.
fn is_over(error: &anyhow::Error) -> bool {
    matches!(
        error.downcast_ref(),
        Some(
            NetworkError::RequestUnexecutable { .. }
                | NetworkError::RequestUnfulfillable { .. }
                | NetworkError::RequestReverted { .. }
                | NetworkError::RequestExpired { .. }
                | NetworkError::RequestTimedOut { .. }
                | NetworkError::RequestAuctionTimedOut { .. }
        )
    )
}

fn failure(error: &anyhow::Error, work: &Prove) -> ZkvmError {
    match error.downcast_ref() {
        Some(NetworkError::RequestTimedOut { .. } | NetworkError::RequestExpired { .. }) => {
            ZkvmError::Timeout {
                limit: work.duration,
            }
        }
        _ => failed(&format!("the prover network: {error:#}")),
    }
}

fn unavailable(what: &str, hint: &str) -> ZkvmError {
    ZkvmError::Unavailable {
        what: format!("proving with backend network: {what}"),
        hint: hint.to_owned(),
    }
}
