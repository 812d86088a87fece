//! A store that fails a chosen commit, to show what its user does when a write fails.

use core::fmt;
use std::{
    error::Error,
    sync::atomic::{AtomicU64, Ordering},
};

use valence_coprocessor_store::{Batch, Snapshot, Store, StoreError};

/// A store around another one that refuses one commit, which then has written nothing, as the port promises; or that loses the
/// answer to one, which then is written and not confirmed.
#[derive(Debug)]
pub struct FailingStore<S> {
    store: S,
    commits: AtomicU64,
    /// The number of the commit that fails; 0 when none is to.
    failing: AtomicU64,
    /// The number of the commit whose answer is lost; 0 when none is to be.
    losing: AtomicU64,
}

impl<S: Store> FailingStore<S> {
    /// A store that fails nothing yet.
    pub const fn new(store: S) -> Self {
        Self {
            store,
            commits: AtomicU64::new(0),
            failing: AtomicU64::new(0),
            losing: AtomicU64::new(0),
        }
    }

    /// Lets the `nth` commit from now fail, counted from 1; those before and after it succeed.
    pub fn fail_commit(&self, nth: u64) {
        let failing = self.commits() + nth;
        self.failing.store(failing, Ordering::SeqCst);
    }

    /// Lets the answer to the `nth` commit from now be lost, counted from 1.
    pub fn lose_answer(&self, nth: u64) {
        let losing = self.commits() + nth;
        self.losing.store(losing, Ordering::SeqCst);
    }

    /// How many commits were tried so far.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::SeqCst)
    }

    /// The store inside.
    pub const fn inside(&self) -> &S {
        &self.store
    }
}

impl<S: Store> Store for FailingStore<S> {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let number = self.commits.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.failing.load(Ordering::SeqCst) {
            return Err(StoreError::backend("commit a batch", InjectedFailure));
        }
        self.store.commit(batch)?;
        if number == self.losing.load(Ordering::SeqCst) {
            return Err(StoreError::unconfirmed(InjectedFailure));
        }
        Ok(())
    }

    fn is_shared(&self) -> bool {
        self.store.is_shared()
    }

    fn describe(&self) -> String {
        format!("{} that fails on purpose", self.store.describe())
    }
}

/// The source of the error that a [`FailingStore`] returns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InjectedFailure;

impl fmt::Display for InjectedFailure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the disk is full, says the test")
    }
}

impl Error for InjectedFailure {}
