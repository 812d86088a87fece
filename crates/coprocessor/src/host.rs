//! `CallHost`: what one call of one controller may read and write.
//!
//! Everything about the history is seen at the call's root, so that what a controller computes can be opened there.

use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use valence_coprocessor_protocol::{DomainId, DomainName, Root, StateProof, StepPublicValues};
use valence_coprocessor_store::Batch;
use valence_coprocessor_wasm::{
    Block, Budget, Export, FileChanges, HistoricalUpdate, Host, HostError, StoredFile,
};

use crate::runtime::Runtime;
use crate::storage::{Changed, Changes, ControllerId, StoragePath};
use crate::witness::parse_state_proof;
use crate::{BlockRecord, EngineError, ErrorKind};

/// The world of one call.
#[derive(Debug)]
pub(crate) struct CallHost {
    runtime: Arc<Runtime>,
    id: ControllerId,
    root: Root,
    /// What the domain's light client has accepted, if the call is about a block of it.
    step: Option<StepPublicValues>,
    /// What must hold for the call's writes to be kept.
    fence: Batch,
    changes: Mutex<Changes>,
    unread: Mutex<Option<EngineError>>,
}

impl CallHost {
    pub(crate) fn new(runtime: Arc<Runtime>, id: ControllerId, root: Root) -> Self {
        Self {
            runtime,
            id,
            root,
            step: None,
            fence: Batch::new(),
            changes: Mutex::default(),
            unread: Mutex::default(),
        }
    }

    /// The same for a call about a block that the domain's light client has accepted.
    pub(crate) fn with_step(mut self, step: Option<StepPublicValues>) -> Self {
        self.step = step;
        self
    }

    /// The same for a call whose writes are kept only if what `fence` expects holds then.
    pub(crate) fn with_fence(mut self, fence: Batch) -> Self {
        self.fence = fence;
        self
    }

    /// What must hold for the call's writes to be kept.
    pub(crate) fn fence(&self) -> &Batch {
        &self.fence
    }

    /// Whose controller runs.
    pub(crate) fn id(&self) -> ControllerId {
        self.id
    }

    /// What the call wrote.
    pub(crate) fn take_changes(&self) -> Changes {
        mem::take(&mut *self.changes())
    }

    /// Why the store did not give what the call asked for: whatever the controller made of that, it is no fault of its own.
    pub(crate) fn take_unread(&self) -> Option<EngineError> {
        self.unread().take()
    }

    fn unread(&self) -> MutexGuard<'_, Option<EngineError>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the controller is told of an error, which is kept if it is the store's.
    fn tell(&self, error: EngineError) -> HostError {
        let is_of_store = matches!(error, EngineError::Store(_));
        let words = told(&error);
        if is_of_store {
            self.unread().get_or_insert(error);
        }
        words
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Host for CallHost {
    fn controller(&self) -> [u8; 32] {
        *self.id.as_bytes()
    }

    fn historical(&self) -> Root {
        self.root
    }

    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, HostError> {
        let path = StoragePath::new(path).map_err(|error| self.tell(error))?;
        match self.changes().file(&path) {
            Some(Changed::Written(contents)) => return Ok(Some(contents.to_vec())),
            Some(Changed::Deleted) => return Ok(None),
            None => {}
        }
        self.runtime
            .storage
            .file(self.id, &path)
            .map_err(|error| self.tell(error))
    }

    async fn set_file(&self, path: &str, contents: Vec<u8>) -> Result<(), HostError> {
        let path = StoragePath::new(path).map_err(|error| self.tell(error))?;
        self.changes()
            .set_file(path, contents, &self.runtime.config.limits)
            .map_err(|error| self.tell(error))
    }

    async fn files(&self) -> Result<Vec<StoredFile>, HostError> {
        let stored = self
            .runtime
            .storage
            .files(self.id)
            .map_err(|error| self.tell(error))?;
        let changes = self.changes();
        let is_unchanged =
            |path: &str| StoragePath::new(path).is_ok_and(|path| changes.file(&path).is_none());
        let mut files: Vec<StoredFile> = stored
            .into_iter()
            .filter(|(path, _)| is_unchanged(path))
            .map(|(path, contents)| StoredFile { path, contents })
            .collect();
        let written = changes.files().iter().filter_map(|(path, contents)| {
            let contents = contents.clone()?;
            Some(StoredFile {
                path: path.to_string(),
                contents,
            })
        });
        files.extend(written);
        Ok(files)
    }

    async fn change_files(&self, changes: FileChanges) -> Result<(), HostError> {
        let FileChanges { write, delete } = changes;
        let paths = |path: &str| StoragePath::new(path).map_err(|error| self.tell(error));
        let deleted = delete
            .iter()
            .map(|path| paths(path))
            .collect::<Result<Vec<_>, _>>()?;
        let written = write
            .into_iter()
            .map(|file| Ok((paths(&file.path)?, file.contents)))
            .collect::<Result<Vec<_>, HostError>>()?;
        let mut changes = self.changes();
        for path in deleted {
            changes.delete_file(path);
        }
        for (path, contents) in written {
            changes
                .set_file(path, contents, &self.runtime.config.limits)
                .map_err(|error| self.tell(error))?;
        }
        Ok(())
    }

    async fn raw(&self) -> Result<Option<Vec<u8>>, HostError> {
        if let Some(raw) = self.changes().raw() {
            return Ok(Some(raw.to_vec()));
        }
        self.runtime
            .storage
            .raw(self.id)
            .map_err(|error| self.tell(error))
    }

    async fn set_raw(&self, bytes: Vec<u8>) -> Result<(), HostError> {
        self.changes()
            .set_raw(bytes, &self.runtime.config.limits)
            .map_err(|error| self.tell(error))
    }

    async fn latest_block(&self, domain: &str) -> Result<Option<Block>, HostError> {
        let block = self
            .runtime
            .history
            .latest_at(&self.root, domain_id(domain)?)
            .map_err(|error| self.tell(error))?;
        Ok(block.map(to_block))
    }

    async fn block_proof(&self, domain: &str, number: u64) -> Result<Vec<u8>, HostError> {
        let domain = domain_id(domain)?;
        let answer = self
            .runtime
            .history
            .opening(&self.root, domain, number)
            .map_err(|error| self.tell(error))?;
        Ok(answer.opening)
    }

    fn light_client_step(&self) -> Option<StepPublicValues> {
        self.step
    }

    async fn historical_update(&self, root: Root) -> Result<Option<HistoricalUpdate>, HostError> {
        let update = self
            .runtime
            .history
            .update(&root)
            .map_err(|error| self.tell(error))?;
        Ok(update.map(|update| HistoricalUpdate {
            uuid: update.uuid(),
            root: *update.root.as_bytes(),
            previous: *update.previous.as_bytes(),
            block: to_block(update.block),
        }))
    }

    async fn state_proof(
        &self,
        domain: &str,
        args: Vec<u8>,
        budget: Budget,
    ) -> Result<StateProof, HostError> {
        let id = domain_id(domain)?;
        let found = self
            .runtime
            .registry
            .domain(id)
            .await
            .map_err(|error| self.tell(error))?;
        let found = found.ok_or_else(|| told(&EngineError::UnknownDomain(domain.to_owned())))?;
        let (runtime, export) = (&self.runtime, Export::GetStateProof);
        let outcome = runtime
            .call_domain(id, &found.controller, export, args, budget, self.root)
            .await;
        parse_state_proof(outcome.map_err(|error| self.tell(error))?)
            .map_err(|error| self.tell(error))
    }
}

fn domain_id(name: &str) -> Result<DomainId, HostError> {
    let name = DomainName::new(name).map_err(|error| HostError::new(error.to_string()))?;
    Ok(DomainId::of(&name))
}

fn to_block(block: BlockRecord) -> Block {
    Block {
        domain: *block.domain.as_bytes(),
        number: block.number,
        root: *block.state_root.as_bytes(),
        payload: block.payload,
    }
}

/// What a controller is told; the inner life of the service is logged instead.
fn told(error: &EngineError) -> HostError {
    if error.kind() == ErrorKind::Internal {
        tracing::error!(target: "valence_coprocessor", error = %crate::error::chain(error), "host call failed");
        return HostError::new("an internal error of the service");
    }
    HostError::new(error.to_string())
}
