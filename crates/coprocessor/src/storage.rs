//! What a controller keeps: files and one raw value, within a quota.

mod changes;
mod path;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use valence_coprocessor_protocol::{CircuitId, DomainId};
use valence_coprocessor_store::{Batch, KeyRange, Order, Snapshot, Store, Table};

pub(crate) use self::changes::{Changed, Changes};
pub(crate) use self::path::StoragePath;
use crate::commit::{commit_computed, run_blocking};
use crate::{EngineConfig, EngineError};

/// Whose storage it is: a circuit's or a domain's. The two kinds of ids are hashes with different prefixes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ControllerId([u8; 32]);

impl ControllerId {
    pub(crate) const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<CircuitId> for ControllerId {
    fn from(id: CircuitId) -> Self {
        Self(*id.as_bytes())
    }
}

impl From<DomainId> for ControllerId {
    fn from(id: DomainId) -> Self {
        Self(*id.as_bytes())
    }
}

impl fmt::Display for ControllerId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

/// The storage of all controllers.
#[derive(Clone, Debug)]
pub(crate) struct Storage {
    config: Arc<EngineConfig>,
    store: Arc<dyn Store>,
    /// Where the changes of this process queue; what decides is the expectation about the usage.
    writing: Arc<Mutex<()>>,
}

/// How much a controller stores.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usage {
    files: u64,
    bytes: u64,
    /// Rises with every change, so that whoever expects this usage expects that nothing was changed: two changes may
    /// leave the counts as they were.
    revision: u64,
}

impl Storage {
    pub(crate) fn new(config: Arc<EngineConfig>, store: Arc<dyn Store>) -> Self {
        Self {
            config,
            store,
            writing: Arc::default(),
        }
    }

    pub(crate) fn raw(&self, id: ControllerId) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self.store.get(Table::Raw, id.as_bytes())?.map(Vec::from))
    }

    pub(crate) fn file(
        &self,
        id: ControllerId,
        path: &StoragePath,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        Ok(self
            .store
            .get(Table::Files, &file_key(id, path))?
            .map(Vec::from))
    }

    /// Every file, by path.
    pub(crate) fn files(&self, id: ControllerId) -> Result<Vec<(String, Vec<u8>)>, EngineError> {
        let range = KeyRange::prefix(id.as_bytes());
        let snapshot = self.store.snapshot()?;
        let entries = snapshot.scan(Table::Files, &range, Order::Ascending, usize::MAX)?;
        let named = entries.into_iter().map(|(key, contents)| {
            let path = String::from_utf8(key[id.as_bytes().len()..].to_vec());
            path.map(|path| (path, contents.to_vec()))
                .map_err(|error| EngineError::corrupt("file name", error))
        });
        named.collect()
    }

    /// Commits changes in one step, within the quota.
    pub(crate) async fn apply(
        &self,
        id: ControllerId,
        changes: Changes,
    ) -> Result<(), EngineError> {
        self.apply_if(id, changes, Batch::new()).await
    }

    /// The same, if what `fence` expects holds at that moment.
    pub(crate) async fn apply_if(
        &self,
        id: ControllerId,
        changes: Changes,
        fence: Batch,
    ) -> Result<(), EngineError> {
        if changes.is_empty() {
            return Ok(());
        }
        let storage = self.clone();
        run_blocking(move || {
            let _writing = storage
                .writing
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            commit_computed(&*storage.store, "the storage", |snapshot| {
                demand_holds(&*snapshot, &fence)?;
                let mut batch = storage.batch(&*snapshot, id, &changes)?;
                batch.extend(fence.clone());
                Ok(((), batch))
            })
        })
        .await
    }

    fn batch(
        &self,
        snapshot: &dyn Snapshot,
        id: ControllerId,
        changes: &Changes,
    ) -> Result<Batch, EngineError> {
        let usage_key = usage_key(id);
        let stored = snapshot.get(Table::Meta, &usage_key)?;
        let before = stored
            .as_deref()
            .map_or(Ok(Usage::default()), Usage::decode)?;
        let mut after = before;
        let mut batch = Batch::new();
        for (path, contents) in changes.files() {
            let key = file_key(id, path);
            if let Some(old) = snapshot.get(Table::Files, &key)? {
                after.remove(path, old.len())?;
            }
            match contents {
                Some(contents) => {
                    after.add(path, contents.len());
                    batch.put(Table::Files, key, contents.clone());
                }
                None => batch.delete(Table::Files, key),
            }
        }
        if let Some(raw) = changes.raw() {
            let old = snapshot
                .get(Table::Raw, id.as_bytes())?
                .map_or(0, |old| old.len());
            after.bytes = after
                .bytes
                .checked_sub(old as u64)
                .ok_or_else(Usage::corrupt)?;
            after.bytes += raw.len() as u64;
            batch.put(Table::Raw, *id.as_bytes(), raw);
        }
        self.check_quota(id, before, after)?;
        after.revision += 1;
        batch.expect(Table::Meta, usage_key.clone(), stored.map(Vec::from));
        batch.put(Table::Meta, usage_key, after.encode());
        Ok(batch)
    }

    /// Refuses growth beyond the quota; who is above it, because it was lowered, may still shrink.
    fn check_quota(
        &self,
        id: ControllerId,
        before: Usage,
        after: Usage,
    ) -> Result<(), EngineError> {
        let limits = &self.config.limits;
        let counts = [
            (
                "the number of files",
                before.files,
                after.files,
                limits.files,
            ),
            (
                "the number of bytes",
                before.bytes,
                after.bytes,
                limits.storage_bytes,
            ),
        ];
        let exceeded =
            |(_, before, after, quota): &(_, u64, u64, u64)| after > quota && after > before;
        match counts.into_iter().find(exceeded) {
            Some((what, _, wanted, quota)) => Err(EngineError::Quota {
                controller: id.to_string(),
                what,
                wanted,
                quota,
            }),
            None => Ok(()),
        }
    }
}

impl Usage {
    fn add(&mut self, path: &StoragePath, contents: usize) {
        self.files += 1;
        self.bytes += (path.as_str().len() + contents) as u64;
    }

    fn remove(&mut self, path: &StoragePath, contents: usize) -> Result<(), EngineError> {
        let bytes = (path.as_str().len() + contents) as u64;
        self.files = self.files.checked_sub(1).ok_or_else(Self::corrupt)?;
        self.bytes = self.bytes.checked_sub(bytes).ok_or_else(Self::corrupt)?;
        Ok(())
    }

    fn encode(self) -> Vec<u8> {
        let Self {
            files,
            bytes,
            revision,
        } = self;
        [files, bytes, revision].map(u64::to_be_bytes).concat()
    }

    fn decode(value: &[u8]) -> Result<Self, EngineError> {
        let (numbers, rest) = value.as_chunks::<8>();
        let numbers: Vec<u64> = numbers.iter().copied().map(u64::from_be_bytes).collect();
        match (numbers.as_slice(), rest) {
            ([files, bytes, revision], []) => Ok(Self {
                files: *files,
                bytes: *bytes,
                revision: *revision,
            }),
            // As it was written before there was a revision.
            ([files, bytes], []) => Ok(Self {
                files: *files,
                bytes: *bytes,
                revision: 0,
            }),
            _ => Err(Self::corrupt()),
        }
    }

    fn corrupt() -> EngineError {
        EngineError::corrupt("storage usage", "it does not fit what is stored")
    }
}

/// Refuses at once what its fence keeps out, instead of computing it anew until there are no tries left.
fn demand_holds(snapshot: &dyn Snapshot, fence: &Batch) -> Result<(), EngineError> {
    for expected in fence.expectations() {
        let stored = snapshot.get(expected.table, &expected.key)?;
        if stored.as_deref() != expected.value.as_deref() {
            return Err(EngineError::Concurrent {
                what: "what the call was for",
            });
        }
    }
    Ok(())
}

fn file_key(id: ControllerId, path: &StoragePath) -> Vec<u8> {
    [id.as_bytes(), path.as_str().as_bytes()].concat()
}

fn usage_key(id: ControllerId) -> Vec<u8> {
    [b"usage/".as_slice(), id.as_bytes()].concat()
}
