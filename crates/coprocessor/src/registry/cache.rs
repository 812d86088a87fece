//! What is deployed and in use, in memory: on a store of its own, a call of a controller then reads nothing of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A bounded map from ids to shared values; when it is full, the entry that was used longest ago leaves.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    entries: RwLock<HashMap<K, Entry<V>>>,
    capacity: usize,
    ticks: AtomicU64,
    /// Counts changes, so that a value read before a change never enters after it.
    changes: AtomicU64,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    used: AtomicU64,
}

/// The state of a cache before a value was read from the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generation(u64);

impl<K: Eq + Hash + Copy, V> Cache<K, V> {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            entries: RwLock::default(),
            capacity: capacity.max(1),
            ticks: AtomicU64::new(0),
            changes: AtomicU64::new(0),
        }
    }

    pub(crate) fn find(&self, key: &K) -> Option<Arc<V>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key)?;
        entry.used.store(
            self.ticks.fetch_add(1, Ordering::Relaxed),
            Ordering::Relaxed,
        );
        Some(Arc::clone(&entry.value))
    }

    /// To be taken before the store is read for a value that [`Self::fill`] then offers.
    pub(crate) fn generation(&self) -> Generation {
        Generation(self.changes.load(Ordering::Acquire))
    }

    /// Keeps a value that was read from the store, unless something changed since.
    pub(crate) fn fill(&self, key: K, value: Arc<V>, since: Generation) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if self.changes.load(Ordering::Acquire) != since.0 {
            return;
        }
        self.insert(&mut entries, key, value);
    }

    /// The value of a key; whoever asks first makes it.
    pub(crate) fn find_or_make(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        if let Some(value) = self.find(&key) {
            return value;
        }
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = entries.get(&key) {
            return Arc::clone(&entry.value);
        }
        let value = Arc::new(make());
        self.insert(&mut entries, key, Arc::clone(&value));
        value
    }

    fn insert(&self, entries: &mut HashMap<K, Entry<V>>, key: K, value: Arc<V>) {
        if entries.len() >= self.capacity && !entries.contains_key(&key) {
            let oldest = entries
                .iter()
                .min_by_key(|(_, entry)| entry.used.load(Ordering::Relaxed))
                .map(|(key, _)| *key);
            if let Some(oldest) = oldest {
                entries.remove(&oldest);
            }
        }
        let used = AtomicU64::new(self.ticks.fetch_add(1, Ordering::Relaxed));
        entries.insert(key, Entry { value, used });
    }

    /// Drops a value that was changed in the store.
    pub(crate) fn forget(&self, key: &K) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::AcqRel);
        entries.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Cache;

    #[test]
    fn a_full_cache_drops_what_was_used_longest_ago() {
        let cache = Cache::new(2);
        let generation = cache.generation();
        cache.fill(1, Arc::new("one"), generation);
        cache.fill(2, Arc::new("two"), generation);
        cache.find(&1).expect("it was filled");
        cache.fill(3, Arc::new("three"), generation);
        assert!(cache.find(&2).is_none());
        assert_eq!(cache.find(&1).as_deref(), Some(&"one"));
        assert_eq!(cache.find(&3).as_deref(), Some(&"three"));
    }

    #[test]
    fn what_was_read_before_a_change_does_not_enter_after_it() {
        let cache = Cache::new(2);
        let before = cache.generation();
        cache.forget(&1);
        cache.fill(1, Arc::new("old"), before);
        assert!(cache.find(&1).is_none());
    }
}
