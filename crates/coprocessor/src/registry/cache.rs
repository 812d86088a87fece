//! What is deployed and in use, in memory: on a store of its own, a call of a controller then reads nothing of it.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

/// A bounded map from ids to shared values; when it is full, the entries that were used longest ago leave.
#[derive(Debug)]
pub(crate) struct Cache<K, V> {
    entries: RwLock<Entries<K, V>>,
    capacity: usize,
    /// How much of the capacity a value takes.
    weigh: fn(&V) -> usize,
    ticks: AtomicU64,
    /// Counts changes, so that a value read before a change never enters after it.
    changes: AtomicU64,
}

#[derive(Debug)]
struct Entries<K, V> {
    by_key: HashMap<K, Entry<V>>,
    weight: usize,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    weight: usize,
    used: AtomicU64,
}

/// The state of a cache before a value was read from the store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Generation(u64);

impl<K: Eq + Hash + Copy, V> Cache<K, V> {
    /// A cache of so many entries.
    pub(crate) fn new(capacity: usize) -> Self {
        Self::of_weight(capacity.max(1), |_| 1)
    }

    /// A cache of entries that together weigh so much; one that is heavier stays until the next one comes.
    pub(crate) fn of_weight(capacity: usize, weigh: fn(&V) -> usize) -> Self {
        let (by_key, weight) = (HashMap::new(), 0);
        Self {
            entries: RwLock::new(Entries { by_key, weight }),
            capacity,
            weigh,
            ticks: AtomicU64::new(0),
            changes: AtomicU64::new(0),
        }
    }

    pub(crate) fn find(&self, key: &K) -> Option<Arc<V>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.by_key.get(key)?;
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
        if let Some(entry) = entries.by_key.get(&key) {
            return Arc::clone(&entry.value);
        }
        let value = Arc::new(make());
        self.insert(&mut entries, key, Arc::clone(&value));
        value
    }

    fn insert(&self, entries: &mut Entries<K, V>, key: K, value: Arc<V>) {
        entries.remove(&key);
        let weight = (self.weigh)(&value);
        while entries.weight.saturating_add(weight) > self.capacity {
            let by_age = |entry: &Entry<V>| entry.used.load(Ordering::Relaxed);
            let oldest = entries.by_key.iter().min_by_key(|(_, entry)| by_age(entry));
            let Some(oldest) = oldest.map(|(key, _)| *key) else {
                break;
            };
            entries.remove(&oldest);
        }
        let used = AtomicU64::new(self.ticks.fetch_add(1, Ordering::Relaxed));
        let entry = Entry {
            value,
            weight,
            used,
        };
        entries.by_key.insert(key, entry);
        entries.weight += weight;
    }

    /// Drops a value that was changed in the store.
    pub(crate) fn forget(&self, key: &K) {
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        self.changes.fetch_add(1, Ordering::AcqRel);
        entries.remove(key);
    }
}

impl<K: Eq + Hash, V> Entries<K, V> {
    fn remove(&mut self, key: &K) {
        if let Some(entry) = self.by_key.remove(key) {
            self.weight -= entry.weight;
        }
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
    fn entries_leave_by_their_weight() {
        let cache = Cache::of_weight(10, |value: &&str| value.len());
        let fill = |key, value| cache.fill(key, Arc::new(value), cache.generation());
        fill(1, "four");
        fill(2, "eleven");
        fill(3, "one");
        assert!(cache.find(&1).is_none());
        assert_eq!(cache.find(&2).as_deref(), Some(&"eleven"));
        fill(2, "2");
        fill(4, "sixsix");
        assert_eq!(cache.find(&2).as_deref(), Some(&"2"));
        assert_eq!(cache.find(&3).as_deref(), Some(&"one"));
        fill(5, "more than all");
        assert!(
            cache
                .find(&2)
                .or(cache.find(&3))
                .or(cache.find(&4))
                .is_none()
        );
        assert_eq!(cache.find(&5).as_deref(), Some(&"more than all"));
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
