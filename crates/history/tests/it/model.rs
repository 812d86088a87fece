//! A history that keeps every block in a plain map and computes every root from scratch.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use valence_coprocessor_history::NewBlock;
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot};

type Leaves = BTreeMap<Vec<u8>, [u8; 32]>;

/// The blocks of each domain by number, and its head state.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) domains: BTreeMap<DomainId, (BTreeMap<u64, NewBlock>, HeadState)>,
}

impl Model {
    pub(crate) fn append(&mut self, block: &NewBlock) {
        let (blocks, head) = self
            .domains
            .entry(block.domain)
            .or_insert((BTreeMap::new(), block.head));
        *head = block.head;
        blocks.insert(block.number, block.clone());
    }

    pub(crate) fn root(&self) -> Root {
        let leaf =
            |(domain, (blocks, head)): (&DomainId, &(BTreeMap<u64, NewBlock>, HeadState))| {
                let leaves = blocks.iter().map(|(number, block)| {
                    let payload = Sha256::digest(&block.payload);
                    let state_root = block.state_root.as_bytes();
                    let fields = [number.to_be_bytes().as_slice(), state_root, &payload].concat();
                    (number.to_be_bytes().to_vec(), tagged("block", &fields))
                });
                let root = root("domain", &leaves.collect());
                let fields = [domain.as_bytes().as_slice(), &root, head.as_bytes()].concat();
                (domain.as_bytes().to_vec(), tagged("domain", &fields))
            };
        if self.domains.is_empty() {
            return Root::ZERO;
        }
        Root::from_bytes(root("history", &self.domains.iter().map(leaf).collect()))
    }

    /// The numbers next to a missing one.
    pub(crate) fn nearest(&self, domain: DomainId, number: u64) -> (Option<u64>, Option<u64>) {
        let blocks = &self.domains[&domain].0;
        let below = blocks
            .range(..number)
            .next_back()
            .map(|(number, _)| *number);
        let above = blocks.range(number..).find(|(other, _)| **other > number);
        (below, above.map(|(number, _)| *number))
    }
}

/// A block whose contents follow from a few small numbers.
pub(crate) fn block(domain: u8, number: u64, contents: u8) -> NewBlock {
    let mut id = [0x99; 32];
    id[usize::from(domain % 7) * 5] ^= domain;
    NewBlock {
        domain: DomainId::from_bytes(id),
        number,
        state_root: StateRoot::from_bytes([contents; 32]),
        payload: vec![contents; usize::from(contents)],
        head: HeadState::from_bytes([contents ^ 0x0f; 32]),
        time: u64::from(contents) * 1000,
    }
}

fn tagged(name: &str, fields: &[u8]) -> [u8; 32] {
    let message = [b"valence-coprocessor/1/", name.as_bytes(), fields].concat();
    Sha256::digest(message).into()
}

fn root(tree: &str, leaves: &Leaves) -> [u8; 32] {
    let (first, leaf) = leaves.first_key_value().expect("no empty side");
    let (last, _) = leaves.last_key_value().expect("no empty side");
    let bit = |key: &[u8], index: usize| key[index / 8] >> (7 - index % 8) & 1;
    let Some(index) = (0..first.len() * 8).find(|at| bit(first, *at) != bit(last, *at)) else {
        return *leaf;
    };
    let side = |side| {
        let keys = leaves.iter().filter(|(key, _)| bit(key, index) == side);
        root(
            tree,
            &keys.map(|(key, leaf)| (key.clone(), *leaf)).collect(),
        )
    };
    let index = u8::try_from(index).expect("keys have at most 256 bits");
    let tag = [
        format!("valence-coprocessor/1/node/{tree}/").as_bytes(),
        &[index],
    ]
    .concat();
    let mut state = [0; 8];
    for (word, bytes) in state.iter_mut().zip(Sha256::digest(tag).as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    let block = [side(0), side(1)].concat();
    let block = <[u8; 64]>::try_from(block).expect("two halves are a block");
    sha2::compress256(&mut state, &[block.into()]);
    let bytes: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().expect("eight words are 32 bytes")
}
