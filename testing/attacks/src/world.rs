//! `World`: a small history that the attacks are mounted on.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use valence_coprocessor_circuit_sdk::{OpenedWitness, encode_witnesses};
use valence_coprocessor_history::{BlockAppend, DomainLeaf, Ledger, NewBlock, Opening};
use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateProof, StateRoot, sha256};

use crate::MemoryRecords;

/// A history of a few domains; [`World::ETHEREUM`] has gaps between its numbers.
#[derive(Debug)]
pub struct World {
    ledger: Ledger<MemoryRecords>,
    /// The root after every append, from the empty one on.
    pub roots: Vec<Root>,
}

impl World {
    /// The domain that circuits demand.
    pub const ETHEREUM: DomainId = DomainId::from_bytes([0xe7; 32]);
    /// Another domain, whose blocks the attacker controls.
    pub const EVIL: DomainId = DomainId::from_bytes([0x31; 32]);
    /// A domain that shares all but the last bit with [`Self::ETHEREUM`].
    pub const TWIN: DomainId = DomainId::from_bytes({
        let mut bytes = [0xe7; 32];
        bytes[31] = 0xe6;
        bytes
    });
    /// A domain without blocks, which shares 250 bits with [`Self::ETHEREUM`].
    pub const ABSENT: DomainId = DomainId::from_bytes({
        let mut bytes = [0xe7; 32];
        bytes[31] = 0xc7;
        bytes
    });
    /// The numbers of [`Self::ETHEREUM`], in the order of appending.
    pub const NUMBERS: [u64; 6] = [1000, 1001, 1002, 1010, 1011, 1020];

    /// Appends all blocks.
    pub fn new() -> Self {
        let mut world = Self {
            ledger: Ledger::new(MemoryRecords::default()),
            roots: vec![Root::ZERO],
        };
        for number in [7, 1000, 1003] {
            world.append(Self::EVIL, number);
        }
        for number in Self::NUMBERS {
            world.append(Self::ETHEREUM, number);
            world.append(Self::TWIN, number + 1);
        }
        for byte in 0x40..0x50 {
            world.append(DomainId::from_bytes([byte; 32]), u64::from(byte));
        }
        world
    }

    /// The current root.
    pub fn root(&self) -> Root {
        self.roots.last().copied().unwrap_or(Root::ZERO)
    }

    /// The honest state proof of a block.
    pub fn state_proof(domain: DomainId, number: u64) -> StateProof {
        StateProof {
            domain,
            number,
            state_root: Self::state_root(domain, number),
            payload: format!("payload of block {number}").into_bytes(),
            proof: Vec::new(),
        }
    }

    /// The state root of a block.
    pub fn state_root(domain: DomainId, number: u64) -> StateRoot {
        StateRoot::from_bytes(sha256::digest(
            format!("state {domain} {number}").as_bytes(),
        ))
    }

    /// The opening of a block at a root.
    ///
    /// # Panics
    ///
    /// If there is no such block.
    pub fn opening(&self, root: &Root, domain: DomainId, number: u64) -> Opening {
        self.ledger
            .opening(root, domain, number)
            .expect("the world has this block")
    }

    /// The append with a sequence number.
    ///
    /// # Panics
    ///
    /// If there is none.
    pub fn append_proof(&self, sequence: usize) -> BlockAppend {
        self.ledger
            .append_proof(sequence as u64)
            .expect("the world has this append")
    }

    /// The leaf of a domain at the current root.
    pub fn domain_leaf(&self, domain: DomainId) -> Option<DomainLeaf> {
        let newest = self.ledger.latest(domain).ok()??;
        let root = self.ledger.domain_root(domain).ok()??;
        Some(DomainLeaf {
            domain,
            root,
            head: newest.head,
        })
    }

    /// The honest witness of a block at the current root.
    pub fn witness(&self, domain: DomainId, number: u64) -> OpenedWitness {
        OpenedWitness::StateProof {
            state_proof: Self::state_proof(domain, number),
            opening: self.opening(&self.root(), domain, number),
        }
    }

    /// The input of a circuit at the current root.
    pub fn input(&self, witnesses: &[OpenedWitness]) -> Vec<u8> {
        encode_witnesses(&self.root(), witnesses)
    }

    fn append(&mut self, domain: DomainId, number: u64) {
        let StateProof {
            state_root,
            payload,
            ..
        } = Self::state_proof(domain, number);
        let head = HeadState::from_bytes(sha256::digest(format!("head {number}").as_bytes()));
        let block = NewBlock {
            domain,
            number,
            state_root,
            payload,
            head,
            time: 0,
        };
        let appended = self
            .ledger
            .append(&block)
            .expect("the numbers of each domain rise");
        self.roots.push(appended.root);
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}
