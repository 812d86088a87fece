//! `ProgramCache`: the ELFs that a worker keeps, by hash, within a limit.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::SystemTime,
};

use tokio::task::spawn_blocking;

use crate::ProgramHash;

/// The ELFs that a worker keeps. The one that was not used for the longest time goes first.
#[derive(Clone, Debug)]
pub struct ProgramCache(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: u64,
    /// Programs are files of this folder, or in memory if there is none.
    folder: Option<PathBuf>,
    shelf: Mutex<Shelf>,
    drafts: AtomicU64,
}

#[derive(Debug, Default)]
struct Shelf {
    entries: HashMap<ProgramHash, Entry>,
    bytes: u64,
    uses: u64,
}

#[derive(Debug)]
struct Entry {
    bytes: u64,
    used: u64,
    kept: Kept,
}

#[derive(Clone, Debug)]
enum Kept {
    InMemory(Arc<[u8]>),
    InFolder,
}

impl ProgramCache {
    /// Keeps programs in memory, at most so many bytes of them; the newest always stays.
    pub fn in_memory(limit: u64) -> Self {
        Self(Arc::new(Shared {
            limit,
            folder: None,
            shelf: Mutex::default(),
            drafts: AtomicU64::new(0),
        }))
    }

    /// Keeps programs in a folder, and takes up what is there. The folder must be the worker's alone.
    pub fn in_folder(folder: &Path, limit: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut shelf = Shelf::default();
        let mut removed = Vec::new();
        for (hash, bytes) in found(folder)? {
            removed.extend(shelf.put(hash, bytes, Kept::InFolder, limit));
        }
        for hash in removed {
            fs::remove_file(folder.join(hash.to_string()))?;
        }
        Ok(Self(Arc::new(Shared {
            limit,
            folder: Some(folder.to_owned()),
            shelf: Mutex::new(shelf),
            drafts: AtomicU64::new(0),
        })))
    }

    /// Whether a program is there; asking counts as use.
    pub(crate) fn contains(&self, hash: &ProgramHash) -> bool {
        self.shelf().take(hash).is_some()
    }

    /// A program, if it is there.
    pub(crate) async fn load(&self, hash: ProgramHash) -> Option<Arc<[u8]>> {
        let kept = self.shelf().take(&hash)?;
        match kept {
            Kept::InMemory(elf) => Some(elf),
            Kept::InFolder => {
                let cache = self.clone();
                spawn_blocking(move || cache.read(hash))
                    .await
                    .ok()
                    .flatten()
            }
        }
    }

    /// Keeps a program under its hash, which is computed here.
    pub(crate) async fn keep(&self, elf: Vec<u8>) -> io::Result<ProgramHash> {
        let cache = self.clone();
        spawn_blocking(move || cache.write(elf))
            .await
            .map_err(io::Error::other)?
    }

    /// Reads a file, and believes only what has the hash that its name says.
    fn read(&self, hash: ProgramHash) -> Option<Arc<[u8]>> {
        let path = self.0.folder.as_ref()?.join(hash.to_string());
        match fs::read(&path) {
            Ok(elf) if ProgramHash::of(&elf) == hash => return Some(elf.into()),
            Ok(_) => tracing::warn!(program = %hash, "a kept program is damaged: it is removed"),
            Err(error) => tracing::warn!(program = %hash, %error, "a kept program is unreadable"),
        }
        self.shelf().remove(&hash);
        let _ = fs::remove_file(path);
        None
    }

    fn write(&self, elf: Vec<u8>) -> io::Result<ProgramHash> {
        let hash = ProgramHash::of(&elf);
        let bytes = elf.len() as u64;
        let Some(folder) = &self.0.folder else {
            self.shelf()
                .put(hash, bytes, Kept::InMemory(elf.into()), self.0.limit);
            return Ok(hash);
        };
        // Written beside and renamed, so that no file is ever half a program.
        let number = self.0.drafts.fetch_add(1, Ordering::Relaxed);
        let draft = folder.join(format!("{hash}.{number}.draft"));
        let written = fs::write(&draft, &elf)
            .and_then(|()| fs::rename(&draft, folder.join(hash.to_string())));
        if written.is_err() {
            let _ = fs::remove_file(draft);
        }
        written?;
        for old in self.shelf().put(hash, bytes, Kept::InFolder, self.0.limit) {
            // A file that stays is found again at the next start.
            let _ = fs::remove_file(folder.join(old.to_string()));
        }
        Ok(hash)
    }

    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.0.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// Where a program is; asking counts as use.
    fn take(&mut self, hash: &ProgramHash) -> Option<Kept> {
        self.uses += 1;
        let entry = self.entries.get_mut(hash)?;
        entry.used = self.uses;
        Some(entry.kept.clone())
    }

    fn remove(&mut self, hash: &ProgramHash) {
        if let Some(entry) = self.entries.remove(hash) {
            self.bytes -= entry.bytes;
        }
    }

    /// Adds an entry, and returns those that had to go for it.
    fn put(&mut self, hash: ProgramHash, bytes: u64, kept: Kept, limit: u64) -> Vec<ProgramHash> {
        self.remove(&hash);
        self.uses += 1;
        self.bytes += bytes;
        let used = self.uses;
        self.entries.insert(hash, Entry { bytes, used, kept });
        let mut gone = Vec::new();
        while self.bytes > limit && self.entries.len() > 1 {
            let oldest = self.entries.iter().min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(hash, _)| *hash) else {
                break;
            };
            self.remove(&oldest);
            gone.push(oldest);
        }
        gone
    }
}

/// The programs of a folder with their sizes, oldest first; what an interrupted write left is removed.
fn found(folder: &Path) -> io::Result<Vec<(ProgramHash, u64)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(hash) = ProgramHash::from_text(&name) {
            let metadata = entry.metadata()?;
            let written = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((written, hash, metadata.len()));
        } else if entry
            .path()
            .extension()
            .is_some_and(|extension| extension == "draft")
        {
            fs::remove_file(entry.path())?;
        }
    }
    found.sort_by_key(|(written, hash, _)| (*written, *hash.as_bytes()));
    Ok(found
        .into_iter()
        .map(|(_, hash, bytes)| (hash, bytes))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::ProgramCache;
    use crate::ProgramHash;

    #[tokio::test]
    async fn the_least_used_goes_when_there_is_no_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let on_disk = ProgramCache::in_folder(folder.path(), 10).expect("a cache");
        for cache in [ProgramCache::in_memory(10), on_disk] {
            let old = cache.keep(vec![1; 4]).await.expect("kept");
            let used = cache.keep(vec![2; 4]).await.expect("kept");
            assert!(cache.contains(&old));
            let new = cache.keep(vec![3; 4]).await.expect("kept");
            assert!(cache.load(used).await.is_none(), "not used since");
            assert_eq!(cache.load(old).await.as_deref(), Some([1; 4].as_slice()));
            let huge = cache.keep(vec![4; 99]).await.expect("kept");
            assert!(!cache.contains(&old) && !cache.contains(&new));
            assert_eq!(cache.load(huge).await.map(|elf| elf.len()), Some(99));
        }
        let files = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 1, "what went is gone from the disk too");
    }

    #[tokio::test]
    async fn attack_d1_a_file_that_is_not_what_its_name_says_is_no_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let hash = ProgramCache::in_folder(folder.path(), 100)
            .expect("a cache")
            .keep(b"honest".to_vec())
            .await
            .expect("kept");
        std::fs::write(folder.path().join("x.0.draft"), b"half").expect("written");
        let again = ProgramCache::in_folder(folder.path(), 100).expect("a cache");
        assert_eq!(
            again.load(hash).await.as_deref(),
            Some(b"honest".as_slice())
        );
        std::fs::write(folder.path().join(hash.to_string()), b"other").expect("written");
        assert_eq!(again.load(hash).await, None);
        assert!(!again.contains(&hash));
        let files = std::fs::read_dir(folder.path()).expect("a folder").count();
        assert_eq!(files, 0);
        assert_ne!(hash, ProgramHash::of(b"other"));
    }
}
