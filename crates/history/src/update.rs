//! `Update`: an append as others see it.

use alloc::vec::Vec;

use valence_coprocessor_protocol::{DomainId, HeadState, Root, StateRoot};

/// A block as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The domain of the block.
    pub domain: DomainId,
    /// The number of the block.
    pub number: u64,
    /// The state root of the block.
    pub state_root: StateRoot,
    /// What the domain proves of the block beside its state root.
    pub payload: Vec<u8>,
}

/// One append: the block, and the roots before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Appends are numbered from 1.
    pub sequence: u64,
    /// When the service appended the block, in seconds since 1970; no order is read from it.
    pub time: u64,
    /// The root before.
    pub previous: Root,
    /// The root after.
    pub root: Root,
    /// The block.
    pub block: Block,
    /// The domain's head state after the block.
    pub head: HeadState,
}

impl Update {
    /// The sequence number as 16 bytes big-endian, which the published interface calls `uuid`.
    pub const fn uuid(&self) -> [u8; 16] {
        (self.sequence as u128).to_be_bytes()
    }
}
