//! A compiled controller, and the cache that keeps the recently used ones.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use valence_coprocessor_controller_abi::Export;
use wasmtime::{InstancePre, ModuleExport};

use crate::state::CallState;

/// BLAKE3 hash of a module's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModuleId([u8; 32]);

impl ModuleId {
    /// The identifier of these bytes.
    pub fn of(wasm: &[u8]) -> Self {
        Self(*blake3::hash(wasm).as_bytes())
    }

    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ModuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl fmt::Debug for ModuleId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ModuleId({self})")
    }
}

/// A controller that is compiled, linked and ready to be called; cloning is cheap.
#[derive(Clone)]
pub struct ControllerModule {
    compiled: Arc<Compiled>,
}

struct Compiled {
    id: ModuleId,
    instance: InstancePre<CallState>,
    exports: [Option<ModuleExport>; Export::ALL.len()],
}

impl ControllerModule {
    pub(crate) fn new(
        id: ModuleId,
        instance: InstancePre<CallState>,
        exports: [Option<ModuleExport>; Export::ALL.len()],
    ) -> Self {
        Self {
            compiled: Arc::new(Compiled {
                id,
                instance,
                exports,
            }),
        }
    }

    /// The hash of the module's bytes.
    pub fn id(&self) -> ModuleId {
        self.compiled.id
    }

    /// Whether the controller exports this function.
    pub fn has(&self, export: Export) -> bool {
        self.export(export).is_some()
    }

    /// The functions that the controller exports.
    pub fn exports(&self) -> impl Iterator<Item = Export> + '_ {
        Export::ALL.into_iter().filter(|&export| self.has(export))
    }

    pub(crate) fn export(&self, export: Export) -> Option<&ModuleExport> {
        self.compiled.exports[export as usize].as_ref()
    }

    pub(crate) fn instance(&self) -> &InstancePre<CallState> {
        &self.compiled.instance
    }

    /// Bytes of machine code.
    fn code_bytes(&self) -> usize {
        let range = self.compiled.instance.module().image_range();
        (range.end as usize).saturating_sub(range.start as usize)
    }
}

impl fmt::Debug for ControllerModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ControllerModule")
            .field("id", &self.compiled.id)
            .field("exports", &self.exports().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Compiled modules by hash, the least recently used dropped first.
#[derive(Debug)]
pub(crate) struct ModuleCache {
    limit: usize,
    entries: Mutex<Entries>,
}

#[derive(Debug, Default)]
struct Entries {
    modules: HashMap<ModuleId, Entry>,
    bytes: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry {
    module: ControllerModule,
    bytes: usize,
    used: u64,
}

impl ModuleCache {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            entries: Mutex::default(),
        }
    }

    pub(crate) fn find(&self, id: ModuleId) -> Option<ControllerModule> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let now = entries.clock;
        let entry = entries.modules.get_mut(&id)?;
        entry.used = now;
        Some(entry.module.clone())
    }

    pub(crate) fn insert(&self, module: &ControllerModule) {
        let bytes = module.code_bytes();
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.clock += 1;
        let entry = Entry {
            module: module.clone(),
            bytes,
            used: entries.clock,
        };
        if let Some(old) = entries.modules.insert(module.id(), entry) {
            entries.bytes -= old.bytes;
        }
        entries.bytes += bytes;
        while entries.bytes > self.limit && entries.modules.len() > 1 {
            entries.drop_oldest();
        }
    }
}

impl Entries {
    fn drop_oldest(&mut self) {
        let oldest = self
            .modules
            .iter()
            .min_by_key(|(_, entry)| entry.used)
            .map(|(id, _)| *id);
        if let Some(entry) = oldest.and_then(|id| self.modules.remove(&id)) {
            self.bytes -= entry.bytes;
        }
    }
}
