//! `ScriptedZkvm`: a zkVM that does as it is told.

use std::collections::VecDeque;
use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use async_trait::async_trait;
use sha2::{Digest as _, Sha256};
use valence_coprocessor_zkvm::{
    CancellationToken, Execution, Limits, Progress, ProgressSender, Proof, ProofKind, ProveRequest,
    Stage, VerifyingKey, VerifyingKeyHash, Zkvm, ZkvmError,
};

use crate::Gate;

type Executor = dyn Fn(&[u8], &[u8]) -> Result<Execution, ZkvmError> + Send + Sync;

/// A zkVM that does as it is told; see the crate's documentation.
pub struct ScriptedZkvm {
    executor: Box<Executor>,
    proofs: Mutex<VecDeque<Result<Proof, ZkvmError>>>,
    prove_gate: Gate,
    keys: AtomicUsize,
    executions: AtomicUsize,
    proves: AtomicUsize,
    shut_down: AtomicBool,
}

impl std::fmt::Debug for ScriptedZkvm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ScriptedZkvm")
            .field("executions", &self.executions)
            .finish_non_exhaustive()
    }
}

impl ScriptedZkvm {
    /// Answers every execution with what `executor` makes of ELF and input, and every proof request with an honest
    /// proof of that, unless [`Self::script_proof`] says otherwise.
    pub fn new(
        executor: impl Fn(&[u8], &[u8]) -> Result<Execution, ZkvmError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            executor: Box::new(executor),
            proofs: Mutex::default(),
            prove_gate: Gate::open(),
            keys: AtomicUsize::new(0),
            executions: AtomicUsize::new(0),
            proves: AtomicUsize::new(0),
            shut_down: AtomicBool::new(false),
        }
    }

    /// A circuit that outputs what it reads, in as many cycles as the input has bytes.
    pub fn echo() -> Self {
        Self::new(|_, input| {
            Ok(Execution {
                public_values: input.to_vec(),
                cycles: input.len() as u64,
            })
        })
    }

    /// Makes every proof request wait for [`Gate::pass`] on [`Self::prove_gate`].
    #[must_use]
    pub fn with_closed_gate(self) -> Self {
        Self {
            prove_gate: Gate::closed(),
            ..self
        }
    }

    /// The gate at which proof requests wait.
    pub fn prove_gate(&self) -> &Gate {
        &self.prove_gate
    }

    /// Answers the next proof request that has no script yet with `answer`.
    pub fn script_proof(&self, answer: Result<Proof, ZkvmError>) {
        self.script().push_back(answer);
    }

    /// How many verifying keys were asked for.
    pub fn keys(&self) -> usize {
        self.keys.load(Ordering::SeqCst)
    }

    /// How many executions were asked for.
    pub fn executions(&self) -> usize {
        self.executions.load(Ordering::SeqCst)
    }

    /// How many proofs were asked for.
    pub fn proves(&self) -> usize {
        self.proves.load(Ordering::SeqCst)
    }

    /// Whether [`Zkvm::shutdown`] was called.
    pub fn is_shut_down(&self) -> bool {
        self.shut_down.load(Ordering::SeqCst)
    }

    fn script(&self) -> MutexGuard<'_, VecDeque<Result<Proof, ZkvmError>>> {
        self.proofs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_running(&self) -> Result<(), ZkvmError> {
        if self.is_shut_down() {
            Err(ZkvmError::ShutDown)
        } else {
            Ok(())
        }
    }

    fn run(&self, elf: &[u8], input: &[u8], limits: Limits) -> Result<Execution, ZkvmError> {
        check_elf(elf)?;
        let execution = (self.executor)(elf, input)?;
        if execution.cycles > limits.cycles {
            return Err(ZkvmError::CycleLimit {
                limit: limits.cycles,
            });
        }
        Ok(execution)
    }
}

/// The proof that [`ScriptedZkvm`] accepts for `elf`, `kind` and `public_values`: what a scripted answer starts from.
pub fn forge_proof(elf: &[u8], kind: ProofKind, public_values: &[u8]) -> Proof {
    let bytes = seal(&key(elf).hash, kind, public_values);
    Proof {
        kind,
        public_values: public_values.to_vec(),
        bytes,
    }
}

fn key(elf: &[u8]) -> VerifyingKey {
    let hash = VerifyingKeyHash::from_bytes(Sha256::digest(elf).into());
    VerifyingKey {
        bytes: hash.as_bytes().to_vec(),
        hash,
    }
}

fn seal(key: &VerifyingKeyHash, kind: ProofKind, public_values: &[u8]) -> Vec<u8> {
    Sha256::new()
        .chain_update(kind.name())
        .chain_update(key.as_bytes())
        .chain_update(public_values)
        .finalize()
        .to_vec()
}

fn check_elf(elf: &[u8]) -> Result<(), ZkvmError> {
    if elf.starts_with(b"\x7fELF") {
        return Ok(());
    }
    Err(ZkvmError::InvalidElf {
        reason: "the first four bytes are not those of an ELF".to_owned(),
    })
}

#[async_trait]
impl Zkvm for ScriptedZkvm {
    async fn verifying_key(&self, elf: Arc<[u8]>) -> Result<VerifyingKey, ZkvmError> {
        self.check_running()?;
        self.keys.fetch_add(1, Ordering::SeqCst);
        // Computing takes time: others come in between.
        tokio::task::yield_now().await;
        check_elf(&elf)?;
        Ok(key(&elf))
    }

    async fn execute(
        &self,
        elf: Arc<[u8]>,
        input: Arc<[u8]>,
        limits: Limits,
    ) -> Result<Execution, ZkvmError> {
        self.check_running()?;
        self.executions.fetch_add(1, Ordering::SeqCst);
        self.run(&elf, &input, limits)
    }

    async fn prove(
        &self,
        request: ProveRequest,
        progress: ProgressSender,
        cancel: CancellationToken,
    ) -> Result<Proof, ZkvmError> {
        self.check_running()?;
        if request.kind == ProofKind::Execute {
            return Err(ZkvmError::NoProof);
        }
        self.proves.fetch_add(1, Ordering::SeqCst);
        progress.send(Progress {
            stage: Stage::Proving,
            text: "proving".to_owned(),
        });
        tokio::select! {
            () = cancel.cancelled() => return Err(ZkvmError::Cancelled),
            () = self.prove_gate.wait() => {}
        }
        if let Some(answer) = self.script().pop_front() {
            return answer;
        }
        let execution = self.run(&request.elf, &request.input, request.limits)?;
        Ok(forge_proof(
            &request.elf,
            request.kind,
            &execution.public_values,
        ))
    }

    async fn verify(&self, key: &VerifyingKey, proof: &Proof) -> Result<(), ZkvmError> {
        self.check_running()?;
        if proof.kind == ProofKind::Execute {
            return Err(ZkvmError::NoProof);
        }
        if proof.bytes == seal(&key.hash, proof.kind, &proof.public_values) {
            return Ok(());
        }
        Err(ZkvmError::InvalidProof {
            kind: proof.kind,
            reason: "of another key or other public values".to_owned(),
        })
    }

    async fn shutdown(&self) {
        self.shut_down.store(true, Ordering::SeqCst);
    }
}
