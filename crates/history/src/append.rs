//! `BlockAppend`: the proof that one root follows from another by appending one block.

use alloc::vec::Vec;

use valence_coprocessor_merkle::Path;
use valence_coprocessor_protocol::{DecodeError, DomainId, HeadState, Root};

use crate::{AppendError, BlockLeaf, DomainLeaf};

/// Where an appended block goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The history was empty.
    EmptyHistory,
    /// The domain was not in the history.
    NewDomain {
        /// A domain that was.
        neighbour: DomainLeaf,
        /// From the previous root to the neighbour.
        history_part: Path,
    },
    /// The domain had blocks.
    After {
        /// The newest of them.
        newest: BlockLeaf,
        /// From the previous domain root to the newest block.
        domain_part: Path,
        /// The domain's head state before.
        head: HeadState,
        /// From the previous root to the domain leaf.
        history_part: Path,
    },
}

/// The claim that appending one block leads from one root to another, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockAppend {
    /// The domain of the block.
    pub domain: DomainId,
    /// The block.
    pub block: BlockLeaf,
    /// The domain's head state after the block.
    pub head: HeadState,
    /// Where it goes.
    pub place: Place,
}

/// An append that leads from one root to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct VerifiedAppend {
    previous: Root,
    root: Root,
    domain: DomainId,
    block: BlockLeaf,
    previous_head: Option<HeadState>,
    head: HeadState,
}

impl VerifiedAppend {
    /// The root before.
    pub const fn previous(&self) -> Root {
        self.previous
    }

    /// The root after.
    pub const fn root(&self) -> Root {
        self.root
    }

    /// The domain of the block.
    pub const fn domain(&self) -> DomainId {
        self.domain
    }

    /// The block.
    pub const fn block(&self) -> BlockLeaf {
        self.block
    }

    /// The domain's head state before; `None` if the domain is new.
    pub const fn previous_head(&self) -> Option<HeadState> {
        self.previous_head
    }

    /// The domain's head state after.
    pub const fn head(&self) -> HeadState {
        self.head
    }
}
