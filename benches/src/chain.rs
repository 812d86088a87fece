//! One domain with consecutive blocks in a store.

use valence_coprocessor_history::{Ledger, NewBlock, Opening};
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot};
use valence_coprocessor_store::{Batch, Store};

use crate::{SnapshotReader, reader::store_table};

/// The domain of the benches.
pub const DOMAIN: DomainId = DomainId::from_bytes([0x5a; 32]);

/// As much as an Ethereum block carries.
const PAYLOAD_BYTES: usize = 176;

/// A store with a history that grows.
#[derive(Debug)]
pub struct Chain<S> {
    store: S,
    next: u64,
}

impl<S: Store> Chain<S> {
    /// A history of `blocks` blocks, appended in batches of 1,000.
    pub fn new(store: S, blocks: u64) -> Self {
        let mut chain = Self { store, next: 0 };
        while chain.next < blocks {
            chain.append(1_000.min(blocks - chain.next));
        }
        chain
    }

    /// How many blocks there are, numbered from 0.
    pub const fn len(&self) -> u64 {
        self.next
    }

    /// Whether there are no blocks.
    pub const fn is_empty(&self) -> bool {
        self.next == 0
    }

    /// Appends blocks and commits them in one batch, which checks that nobody else appended.
    pub fn append(&mut self, blocks: u64) {
        let snapshot = self.store.snapshot().expect("a snapshot opens");
        let mut ledger = Ledger::new(SnapshotReader(snapshot));
        for number in self.next..self.next + blocks {
            ledger
                .append(&block(number))
                .expect("a newer block is taken");
        }
        let mut batch = Batch::new();
        for write in ledger.into_writes() {
            batch.put(store_table(write.table), write.key, write.value);
        }
        self.store.commit(batch).expect("a batch commits");
        self.next += blocks;
    }

    /// The current root.
    pub fn root(&self) -> Root {
        self.ledger().root().expect("the root reads")
    }

    /// The opening of a block, from a snapshot of its own, as a request would take it.
    pub fn opening(&self, root: &Root, number: u64) -> Opening {
        let ledger = self.ledger();
        ledger
            .opening(root, DOMAIN, number)
            .expect("the block is there")
    }

    fn ledger(&self) -> Ledger<SnapshotReader<'_>> {
        let snapshot = self.store.snapshot().expect("a snapshot opens");
        Ledger::new(SnapshotReader(snapshot))
    }
}

fn block(number: u64) -> NewBlock {
    let mut state_root = [0x11; 32];
    state_root[24..].copy_from_slice(&number.to_be_bytes());
    NewBlock {
        domain: DOMAIN,
        number,
        state_root: StateRoot::from_bytes(state_root),
        payload: vec![0x22; PAYLOAD_BYTES],
        head: HeadState::from_bytes(state_root),
        time: number,
    }
}
