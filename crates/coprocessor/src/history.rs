//! The history of blocks: one append at a time, any number of readers, and the current root without a lock.
//!
//! What decides which append is next is the expectation of its batch that the head is the one that it was computed on,
//! however many processes append to the store.

mod reader;

use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use valence_coprocessor_history::{
    Appended, HEAD_KEY, Ledger, LedgerError, NewBlock, Opening, ReadRecords, Update as Step,
};
use valence_coprocessor_protocol::{DomainId, DomainName, HeadState, Root, StateRoot};
use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError, Table};

use self::reader::{SnapshotReader, store_table};
use crate::commit::{commit_computed, run_blocking};
use crate::registry::VerifiedStep;
use crate::{
    BlockRecord, EngineConfig, EngineError, OpeningAnswer, ProvenUpdate, StepProof, Timestamp,
    Trust, Update,
};

/// The newest append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) sequence: u64,
    pub(crate) root: Root,
}

/// A block that a controller has validated.
#[derive(Clone, Debug)]
pub(crate) struct ValidBlock {
    pub(crate) name: DomainName,
    pub(crate) domain: DomainId,
    pub(crate) number: u64,
    pub(crate) state_root: StateRoot,
    pub(crate) payload: Vec<u8>,
    /// What the domain's light client says; none if the controller alone was asked.
    pub(crate) step: Option<VerifiedStep>,
}

/// The history over a store.
#[derive(Clone, Debug)]
pub(crate) struct History {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    /// The newest append of this process; on a shared store others may be ahead.
    head: Arc<ArcSwap<Head>>,
    /// Where the appends of this process queue, so that they do not compute against one another.
    appending: Arc<Mutex<()>>,
}

impl History {
    pub(crate) fn open(
        config: Arc<EngineConfig>,
        store: Arc<dyn Store>,
    ) -> Result<Self, EngineError> {
        demand_trust(&*store, config.mode.trust())?;
        let head = Arc::new(ArcSwap::from_pointee(read_head(&*store)?));
        Ok(Self {
            config,
            store,
            head,
            appending: Arc::default(),
        })
    }

    /// The newest append: of a store that is shared as it stands there, so that no root is served which is older than
    /// one that another process has acknowledged.
    pub(crate) fn head(&self) -> Result<Head, EngineError> {
        if self.store.is_shared() {
            return read_head(&*self.store);
        }
        Ok(**self.head.load())
    }

    pub(crate) fn trust(&self) -> Trust {
        self.config.mode.trust()
    }

    /// The root to use for a request: the one that it names, if that ever was one, or the current one.
    pub(crate) fn resolve(&self, root: Option<Root>) -> Result<Root, EngineError> {
        let current = self.head()?.root;
        let Some(root) = root.filter(|root| *root != current) else {
            return Ok(current);
        };
        self.read(|ledger| match ledger.sequence_of(&root) {
            Ok(Some(_)) => Ok(root),
            Ok(None) => Err(EngineError::UnknownRoot(root)),
            Err(error) => Err(damaged(error)),
        })
    }

    /// Appends a block in one commit. It is done even if the caller stops waiting for it.
    pub(crate) async fn append(&self, block: ValidBlock) -> Result<Appended, EngineError> {
        let history = self.clone();
        run_blocking(move || history.append_blocking(block)).await
    }

    fn append_blocking(&self, block: ValidBlock) -> Result<Appended, EngineError> {
        let _appending = self
            .appending
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let ValidBlock {
            name,
            domain,
            number,
            state_root,
            payload,
            step,
        } = block;
        let time = self.config.clock.now().as_secs();
        let block = NewBlock {
            domain,
            number,
            state_root,
            payload,
            head: head_after(step.as_ref()),
            time,
        };
        let trust = self.trust();
        let appended = commit_computed(&*self.store, "the history", |snapshot| {
            demand_same_trust(&*snapshot, trust)?;
            let mut ledger = Ledger::new(SnapshotReader(snapshot));
            if let Some(step) = &step {
                check_next(&ledger, domain, &name, step)?;
            }
            let appended = ledger
                .append(&block)
                .map_err(|error| refused(error, &name))?;
            let mut batch = batch(appended.sequence, ledger);
            batch.expect(Table::Meta, TRUST_KEY, Some(trust.as_str().into()));
            if let Some(proof) = step.as_ref().and_then(|step| step.proof.as_ref()) {
                let key = step_proof_key(domain, number);
                batch.put(Table::Proofs, key, proof.encode());
            }
            Ok((appended, batch))
        });
        match &appended {
            Ok(appended) => self.head.store(Arc::new(Head {
                sequence: appended.sequence,
                root: appended.root,
            })),
            // Whatever a failing store says, the root that is served is the one that is stored.
            Err(EngineError::Store(_)) => self.head.store(Arc::new(read_head(&*self.store)?)),
            Err(_) => {}
        }
        let appended = appended?;
        metrics::counter!("valence_blocks_appended_total").increment(1);
        metrics::gauge!("valence_history_sequence").set(gauge(appended.sequence));
        tracing::info!(target: "valence_coprocessor", domain = %name, number, root = %appended.root, "block appended");
        Ok(appended)
    }

    /// The step that led to a root.
    pub(crate) fn update(&self, root: &Root) -> Result<Option<Update>, EngineError> {
        if *root == Root::ZERO {
            return Ok(Some(self.empty_update()));
        }
        let step = self.read(|ledger| ledger.update(root).map_err(damaged))?;
        Ok(step.map(|step| self.to_update(step)))
    }

    /// The steps after one root up to another, oldest first, each with its append proof.
    pub(crate) fn updates(
        &self,
        from: &Root,
        to: &Root,
        limit: usize,
    ) -> Result<Vec<ProvenUpdate>, EngineError> {
        self.read(|ledger| {
            let sequence = |root: &Root| {
                let sequence = ledger.sequence_of(root).map_err(damaged)?;
                sequence.ok_or(EngineError::UnknownRoot(*root))
            };
            let (first, last) = (sequence(from)?, sequence(to)?);
            if first >= last {
                return Err(EngineError::InvalidRange {
                    from: *from,
                    to: *to,
                });
            }
            let steps = (first + 1..=last).take(limit).map(|sequence| {
                let step = ledger.update_at(sequence).map_err(damaged)?;
                let append = ledger.append_proof(sequence).map_err(damaged)?.encode();
                Ok(ProvenUpdate {
                    update: self.to_update(step),
                    append,
                })
            });
            steps.collect()
        })
    }

    /// The newest block of a domain.
    pub(crate) fn latest(&self, domain: DomainId) -> Result<Option<Update>, EngineError> {
        let step = self.read(|ledger| ledger.latest(domain).map_err(damaged))?;
        Ok(step.map(|step| self.to_update(step)))
    }

    /// The newest block of a domain as of a root.
    pub(crate) fn latest_at(
        &self,
        root: &Root,
        domain: DomainId,
    ) -> Result<Option<BlockRecord>, EngineError> {
        let step = self.read(|ledger| {
            // Whoever asks for the largest number learns which is the nearest, and that is the newest.
            let newest = match ledger.opening(root, domain, u64::MAX) {
                Ok(_) => u64::MAX,
                Err(LedgerError::MissingBlock {
                    below: Some(newest),
                    ..
                }) => newest,
                Err(LedgerError::UnknownDomain { .. }) => return Ok(None),
                Err(LedgerError::UnknownRoot { root }) => {
                    return Err(EngineError::UnknownRoot(root));
                }
                Err(error) => return Err(damaged(error)),
            };
            ledger.block(domain, newest).map_err(damaged)
        })?;
        Ok(step.map(|step| self.to_update(step).block))
    }

    /// The light client's proof of a block.
    pub(crate) fn step_proof(
        &self,
        domain: DomainId,
        number: u64,
    ) -> Result<Option<StepProof>, EngineError> {
        let stored = self
            .store
            .get(Table::Proofs, &step_proof_key(domain, number))?;
        let decode = |bytes: &[u8]| {
            StepProof::decode(bytes)
                .ok_or_else(|| EngineError::corrupt("light-client proof", "it is too short"))
        };
        stored.as_deref().map(decode).transpose()
    }

    /// The opening of a block at a root, with the block.
    pub(crate) fn opening(
        &self,
        root: &Root,
        domain: DomainId,
        number: u64,
    ) -> Result<OpeningAnswer, EngineError> {
        let (opening, block) = self.opened(root, domain, number)?;
        Ok(OpeningAnswer {
            root: *root,
            block,
            opening: opening.encode(),
        })
    }

    pub(crate) fn opened(
        &self,
        root: &Root,
        domain: DomainId,
        number: u64,
    ) -> Result<(Opening, BlockRecord), EngineError> {
        self.read(|ledger| {
            let unopened = |error| unopened(error, root, domain, number);
            let opening = ledger.opening(root, domain, number).map_err(unopened)?;
            let step = ledger.block(domain, number).map_err(damaged)?;
            let step = step.ok_or_else(|| {
                EngineError::corrupt("block index", "a block of the tree is missing")
            })?;
            Ok((opening, self.to_update(step).block))
        })
    }

    /// Reads from one consistent view of the store.
    fn read<T>(
        &self,
        work: impl FnOnce(Ledger<SnapshotReader<'_>>) -> Result<T, EngineError>,
    ) -> Result<T, EngineError> {
        work(Ledger::new(SnapshotReader(self.store.snapshot()?)))
    }

    fn to_update(&self, step: Step) -> Update {
        let block = BlockRecord {
            domain: step.block.domain,
            number: step.block.number,
            state_root: step.block.state_root,
            payload: step.block.payload,
            head: step.head,
            trust: self.trust(),
        };
        let appended_at = Timestamp::from_millis(step.time.saturating_mul(1_000));
        Update {
            sequence: step.sequence,
            previous: step.previous,
            root: step.root,
            block,
            appended_at,
        }
    }

    /// What published clients expect to hear about the empty history.
    fn empty_update(&self) -> Update {
        let block = BlockRecord {
            domain: DomainId::ZERO,
            number: 0,
            state_root: StateRoot::ZERO,
            payload: Vec::new(),
            head: HeadState::ZERO,
            trust: self.trust(),
        };
        let (previous, root) = (Root::ZERO, Root::ZERO);
        Update {
            sequence: 0,
            previous,
            root,
            block,
            appended_at: Timestamp::default(),
        }
    }
}

/// Demands that all blocks of the history were taken as this service takes them: a root with one unproven block in it
/// would pass for a proven one from then on. What an empty history stands for is free.
fn demand_trust(store: &dyn Store, configured: Trust) -> Result<(), EngineError> {
    commit_computed(store, "the mode of the history", |snapshot| {
        let stored = snapshot.get(Table::Meta, TRUST_KEY)?;
        let mut batch = Batch::new();
        if is_word_of(stored.as_deref(), configured) {
            return Ok(((), batch));
        }
        let head = snapshot.get(Table::Meta, HEAD_KEY)?;
        if head.is_some() {
            return Err(EngineError::OtherTrust { configured });
        }
        // A first append of the other mode in between is seen, and so is another service that decides at this moment.
        batch.expect(Table::Meta, HEAD_KEY, None);
        batch.expect(Table::Meta, TRUST_KEY, stored.map(Vec::from));
        batch.put(Table::Meta, TRUST_KEY, configured.as_str());
        Ok(((), batch))
    })
}

/// Demands that the mode is still the one that this service found or set when it opened the store.
fn demand_same_trust(snapshot: &dyn Snapshot, configured: Trust) -> Result<(), EngineError> {
    let stored = snapshot.get(Table::Meta, TRUST_KEY)?;
    if is_word_of(stored.as_deref(), configured) {
        return Ok(());
    }
    Err(EngineError::OtherTrust { configured })
}

fn is_word_of(stored: Option<&[u8]>, trust: Trust) -> bool {
    stored == Some(trust.as_str().as_bytes())
}

/// Holds the word of the mode in which the blocks of the history were taken.
const TRUST_KEY: &[u8] = b"trust";

/// What the domain leaf commits to: without a light client there is no state.
pub(crate) fn head_after(step: Option<&VerifiedStep>) -> HeadState {
    step.map_or(HeadState::ZERO, |step| step.values.state)
}

/// Demands that a step goes on from where its domain is. A domain whose blocks came without steps may begin anew.
fn check_next<R: ReadRecords<Error = StoreError>>(
    ledger: &Ledger<R>,
    domain: DomainId,
    name: &DomainName,
    step: &VerifiedStep,
) -> Result<(), EngineError> {
    let newest = ledger.latest(domain).map_err(damaged)?;
    let head = newest
        .map(|newest| newest.head)
        .filter(|head| *head != HeadState::ZERO);
    match head.or(step.genesis) {
        Some(expected) if expected != step.values.previous => Err(EngineError::StepNotNext {
            domain: name.clone(),
            got: step.values.previous,
            expected,
        }),
        _ => Ok(()),
    }
}

/// `step/ · domain · number, big-endian`: ids of jobs, the other keys of the table, are shorter.
fn step_proof_key(domain: DomainId, number: u64) -> Vec<u8> {
    [
        b"step/".as_slice(),
        domain.as_bytes(),
        &number.to_be_bytes(),
    ]
    .concat()
}

fn read_head(store: &dyn Store) -> Result<Head, EngineError> {
    let ledger = Ledger::new(SnapshotReader(store.snapshot()?));
    let sequence = ledger.sequence().map_err(damaged)?;
    let root = ledger.root_at(sequence).map_err(damaged)?;
    Ok(Head { sequence, root })
}

/// The writes of an append, which only count on the history that they were computed from.
fn batch(sequence: u64, ledger: Ledger<SnapshotReader<'_>>) -> Batch {
    let mut batch = Batch::new();
    let before = sequence.checked_sub(1).filter(|before| *before > 0);
    batch.expect(
        Table::Meta,
        HEAD_KEY,
        before.map(|before| before.to_be_bytes().to_vec()),
    );
    for write in ledger.into_writes() {
        batch.put(store_table(write.table), write.key, write.value);
    }
    batch
}

fn refused(error: LedgerError<StoreError>, name: &DomainName) -> EngineError {
    match error {
        LedgerError::AlreadyPresent { number, .. } => EngineError::BlockExists {
            domain: name.clone(),
            number,
        },
        LedgerError::NotNewer { number, newest, .. } => EngineError::BlockNotNewer {
            domain: name.clone(),
            number,
            newest,
        },
        LedgerError::PayloadTooLarge { length } => EngineError::TooLarge {
            what: "the payload of the block",
            size: length as u64,
            limit: u64::from(u32::MAX),
        },
        other => damaged(other),
    }
}

fn unopened(
    error: LedgerError<StoreError>,
    root: &Root,
    domain: DomainId,
    number: u64,
) -> EngineError {
    match error {
        LedgerError::UnknownRoot { root } => EngineError::UnknownRoot(root),
        LedgerError::UnknownDomain { domain } => EngineError::NoBlocks {
            domain,
            root: *root,
        },
        LedgerError::MissingBlock { below, above, .. } => EngineError::UnknownBlock {
            domain,
            number,
            root: *root,
            below,
            above,
        },
        other => damaged(other),
    }
}

fn damaged(error: LedgerError<StoreError>) -> EngineError {
    match error {
        LedgerError::Read(error) => EngineError::Store(error),
        other => EngineError::corrupt("history", other),
    }
}

#[expect(clippy::cast_precision_loss, reason = "a gauge for people")]
fn gauge(sequence: u64) -> f64 {
    sequence as f64
}
