//! `Changes`: what a call wrote and nobody else sees yet.
//!
//! A call's writes take effect together when it ends well, and not at all when it fails.

use std::collections::BTreeMap;

use super::StoragePath;
use crate::{EngineError, EngineLimits};

/// Writes that are not yet committed.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The new contents of a file, or `None` if it is deleted.
    files: BTreeMap<StoragePath, Option<Vec<u8>>>,
    raw: Option<Vec<u8>>,
    /// Bytes held in memory.
    bytes: u64,
}

/// What a call did to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Changed<'a> {
    Deleted,
    Written(&'a [u8]),
}

impl Changes {
    /// What the changes say about a file, if anything.
    pub(crate) fn file(&self, path: &StoragePath) -> Option<Changed<'_>> {
        let contents = self.files.get(path)?;
        Some(
            contents
                .as_deref()
                .map_or(Changed::Deleted, Changed::Written),
        )
    }

    pub(crate) fn raw(&self) -> Option<&[u8]> {
        self.raw.as_deref()
    }

    pub(crate) fn files(&self) -> &BTreeMap<StoragePath, Option<Vec<u8>>> {
        &self.files
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.files.is_empty() && self.raw.is_none()
    }

    pub(crate) fn set_file(
        &mut self,
        path: StoragePath,
        contents: Vec<u8>,
        limits: &EngineLimits,
    ) -> Result<(), EngineError> {
        check_size("the file", contents.len(), limits)?;
        let replaced = self
            .files
            .get(&path)
            .and_then(Option::as_ref)
            .map_or(0, Vec::len);
        self.grow(contents.len(), replaced, limits)?;
        self.files.insert(path, Some(contents));
        Ok(())
    }

    pub(crate) fn delete_file(&mut self, path: StoragePath) {
        if let Some(Some(replaced)) = self.files.insert(path, None) {
            self.bytes -= replaced.len() as u64;
        }
    }

    pub(crate) fn set_raw(
        &mut self,
        bytes: Vec<u8>,
        limits: &EngineLimits,
    ) -> Result<(), EngineError> {
        check_size("the raw storage", bytes.len(), limits)?;
        let replaced = self.raw.as_ref().map_or(0, Vec::len);
        self.grow(bytes.len(), replaced, limits)?;
        self.raw = Some(bytes);
        Ok(())
    }

    /// Bounds what one call holds in memory; the quota itself is checked when the changes are committed.
    fn grow(
        &mut self,
        added: usize,
        replaced: usize,
        limits: &EngineLimits,
    ) -> Result<(), EngineError> {
        let size = self.bytes - replaced as u64 + added as u64;
        if size > limits.storage_bytes {
            let (what, limit) = ("what one call writes", limits.storage_bytes);
            return Err(EngineError::TooLarge { what, size, limit });
        }
        self.bytes = size;
        Ok(())
    }
}

fn check_size(what: &'static str, size: usize, limits: &EngineLimits) -> Result<(), EngineError> {
    if size > limits.file_bytes {
        let (size, limit) = (size as u64, limits.file_bytes as u64);
        return Err(EngineError::TooLarge { what, size, limit });
    }
    Ok(())
}
