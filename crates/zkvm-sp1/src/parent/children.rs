//! `Sp1Children`: the port to zkVMs, by processes that are started on demand.

use std::{
    convert::Infallible,
    fs::{DirBuilder, Permissions, set_permissions},
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sp1_sdk::SP1_CIRCUIT_VERSION;
use tempfile::TempDir;
use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};
use valence_coprocessor_zkvm::{
    CancellationToken, Execution, Limits, Progress, ProgressSender, Proof, ProofKind, ProveRequest,
    Stage, VerifyingKey, Zkvm, ZkvmError,
    wire::{Answer, Command, Prove},
};

use super::{ChildConfig, memory, pool::Pool};
use crate::{Backend, Mode};

/// How often progress is told while nothing changes.
const PROGRESS_PERIOD: Duration = Duration::from_secs(2);

/// SP1 in child processes; see the crate's documentation.
#[derive(Debug)]
pub struct Sp1Children {
    config: ChildConfig,
    directory: Directory,
    /// Keys and verification, apart from executions, so that no circuit can hold them up.
    checks: Pool,
    executions: Pool,
    proofs: Pool,
    stop: CancellationToken,
}

/// Where the processes keep their temporary files.
#[derive(Debug)]
enum Directory {
    Named(PathBuf),
    Temporary(TempDir),
}

impl Directory {
    fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(directory) => directory.path(),
        }
    }
}

impl Sp1Children {
    /// Starts nothing yet.
    pub fn new(config: ChildConfig) -> Result<Self, ZkvmError> {
        let directory = private_directory(config.directory.as_deref()).map_err(|error| {
            ZkvmError::Unavailable {
                what: "a folder for the prover's temporary files".to_owned(),
                hint: error.to_string(),
            }
        })?;
        Ok(Self {
            directory,
            checks: Pool::new(Mode::Light, 1),
            executions: Pool::new(Mode::Light, config.executors),
            proofs: Pool::new(config.backend.mode(), config.provers),
            stop: CancellationToken::new(),
            config,
        })
    }

    /// Whether this installation has what work of `kind` needs, memory aside.
    pub fn check_installation(&self, kind: ProofKind) -> Result<(), ZkvmError> {
        match kind {
            ProofKind::Execute => Ok(()),
            kind => self.check_circuits(kind),
        }
    }

    /// Whether the backend can prove, found out by starting a process that does, which is kept for the first proof. Not so
    /// for the CPU: nothing is missing for it, and it takes minutes.
    pub async fn check_backend(&self) -> Result<(), ZkvmError> {
        if let Backend::Cpu = self.config.backend {
            return Ok(());
        }
        let _permit = self.proofs.enter().await?;
        let process = self
            .proofs
            .process(&self.config, self.directory.path())
            .await?;
        self.proofs.keep(process);
        Ok(())
    }

    /// Has a process of `pool` answer `command` within `limit`; its start has a limit of its own.
    ///
    /// A process that takes longer, or whose caller goes away, is killed: that is the only way to stop SP1, and it
    /// stops nothing else, because a process has one request at a time.
    async fn request(
        &self,
        pool: &Pool,
        command: Command,
        limit: Duration,
    ) -> Result<Answer, ZkvmError> {
        let work = async {
            let _permit = pool.enter().await?;
            self.work(pool, command, limit, |_| ()).await
        };
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ZkvmError::ShutDown),
            answer = work => answer,
        }
    }

    async fn work(
        &self,
        pool: &Pool,
        command: Command,
        limit: Duration,
        on_progress: impl FnMut(Progress),
    ) -> Result<Answer, ZkvmError> {
        let mut process = pool.process(&self.config, self.directory.path()).await?;
        match timeout(limit, process.exchange(command, on_progress)).await {
            Ok(answer) => {
                let answer = answer?;
                pool.keep(process);
                answer
            }
            Err(_) => Err(ZkvmError::Timeout { limit }),
        }
    }

    /// Refuses a proof that would take more memory than there is: the kernel would kill something, perhaps the
    /// service.
    fn check_memory(&self, kind: ProofKind) -> Result<(), ZkvmError> {
        let Backend::Cpu = self.config.backend else {
            // What was measured says nothing about GPUs, and less about the network.
            return Ok(());
        };
        let needed = self.config.requirements.of(kind);
        let Some(free) = memory::free() else {
            return Ok(());
        };
        let free = free.plus(self.proofs.resident());
        if free >= needed {
            Ok(())
        } else {
            Err(ZkvmError::OutOfMemory { kind, needed, free })
        }
    }

    fn check_circuits(&self, kind: ProofKind) -> Result<(), ZkvmError> {
        let (folder, setting) = match kind {
            ProofKind::Execute => return Err(ZkvmError::NoProof),
            _ if matches!(self.config.backend, Backend::Network(_)) => return Ok(()),
            ProofKind::Core | ProofKind::Compressed => return Ok(()),
            ProofKind::Groth16 => (&self.config.groth16_circuits, "groth16"),
            ProofKind::Plonk => (&self.config.plonk_circuits, "plonk"),
        };
        if folder
            .as_ref()
            .is_some_and(|folder| folder.join(SP1_CIRCUIT_VERSION).is_dir())
        {
            return Ok(());
        }
        Err(ZkvmError::Unavailable {
            what: format!(
                "proving of kind {kind}: SP1's {setting} circuits of version {SP1_CIRCUIT_VERSION}"
            ),
            hint: format!(
                "download {setting} circuits (gigabytes) from SP1, and name the folder that holds \
                 `{SP1_CIRCUIT_VERSION}` to the service; SP1 also needs docker. Or ask for kind compressed"
            ),
        })
    }

    async fn prove_now(
        &self,
        request: ProveRequest,
        news: &watch::Sender<Stage>,
    ) -> Result<Proof, ZkvmError> {
        let ProveRequest {
            elf,
            input,
            kind,
            limits,
        } = request;
        let _permit = self.proofs.enter().await?;
        self.check_memory(kind)?;
        news.send_replace(Stage::Starting);
        let command = Command::Prove(Prove {
            elf: elf.to_vec(),
            input: input.to_vec(),
            kind,
            cycles: limits.cycles,
            duration: limits.duration,
        });
        let on_progress = |progress: Progress| {
            news.send_replace(progress.stage);
        };
        match self
            .work(&self.proofs, command, limits.duration, on_progress)
            .await?
        {
            Answer::Proof(proof) => Ok(proof),
            other => Err(unexpected(&other)),
        }
    }
}

#[async_trait]
impl Zkvm for Sp1Children {
    async fn verifying_key(&self, elf: Arc<[u8]>) -> Result<VerifyingKey, ZkvmError> {
        let command = Command::VerifyingKey { elf: elf.to_vec() };
        match self
            .request(&self.checks, command, self.config.check)
            .await?
        {
            Answer::VerifyingKey(key) => Ok(key),
            other => Err(unexpected(&other)),
        }
    }

    async fn execute(
        &self,
        elf: Arc<[u8]>,
        input: Arc<[u8]>,
        limits: Limits,
    ) -> Result<Execution, ZkvmError> {
        let command = Command::Execute {
            elf: elf.to_vec(),
            input: input.to_vec(),
            cycles: limits.cycles,
        };
        match self
            .request(&self.executions, command, limits.duration)
            .await?
        {
            Answer::Execution(execution) => Ok(execution),
            other => Err(unexpected(&other)),
        }
    }

    async fn prove(
        &self,
        request: ProveRequest,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Proof, ZkvmError> {
        self.check_circuits(request.kind)?;
        let (news, stage) = watch::channel(Stage::Queued);
        tokio::select! {
            biased;
            () = self.stop.cancelled() => Err(ZkvmError::ShutDown),
            () = cancel.cancelled() => Err(ZkvmError::Cancelled),
            proof = self.prove_now(request, &news) => proof,
            never = tell(stage, &progress) => match never {},
        }
    }

    async fn verify(&self, key: &VerifyingKey, proof: &Proof) -> Result<(), ZkvmError> {
        let command = Command::Verify {
            key: key.clone(),
            proof: proof.clone(),
        };
        match self
            .request(&self.checks, command, self.config.check)
            .await?
        {
            Answer::Verified => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    async fn shutdown(&self) {
        self.stop.cancel();
        for pool in [&self.checks, &self.executions, &self.proofs] {
            pool.close();
        }
        self.proofs.left().await;
    }
}

/// Tells each new stage at once, and the time that it takes now and then; never returns.
async fn tell(mut stage: watch::Receiver<Stage>, progress: &ProgressSender) -> Infallible {
    let mut ticks = interval(PROGRESS_PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    let mut current = *stage.borrow_and_update();
    let mut since = Instant::now();
    loop {
        let text = format!("{current}, {} s", since.elapsed().as_secs());
        progress.send(Progress {
            stage: current,
            text,
        });
        tokio::select! {
            _ = ticks.tick() => {}
            Ok(()) = stage.changed() => {
                current = *stage.borrow_and_update();
                since = Instant::now();
            }
        }
    }
}

fn private_directory(named: Option<&Path>) -> std::io::Result<Directory> {
    let Some(path) = named else {
        return tempfile::Builder::new()
            .prefix("valence-prover-")
            .tempdir()
            .map(Directory::Temporary);
    };
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    set_permissions(path, Permissions::from_mode(0o700))?;
    Ok(Directory::Named(path.to_owned()))
}

fn unexpected(answer: &Answer) -> ZkvmError {
    let got = match answer {
        Answer::VerifyingKey(_) => "a verifying key",
        Answer::Execution(_) => "an execution",
        Answer::Proof(_) => "a proof",
        Answer::Verified => "a verification",
    };
    ZkvmError::Failed {
        reason: format!("the prover process answered with {got}, which was not asked for"),
    }
}
