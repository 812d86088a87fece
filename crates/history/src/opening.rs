//! `Opening`: the two paths that bind a block to a root.

use alloc::vec::Vec;

use valence_coprocessor_merkle::{Key, Path, PathRef};
use valence_coprocessor_protocol::sha256::{Compression, digest_words};
use valence_coprocessor_protocol::{
    AlignedBytes, DecodeError, DomainId, HeadState, PayloadHash, Reader, Root, StateProofRef,
    StateRoot, Writer,
};

use crate::leaf::{DOMAIN_NODES, HISTORY_NODES, hash_domain};
use crate::{BlockLeaf, OpenError};

/// The path from a block to the co-processor root, in its two fixed parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The domain's head state at the root, which the domain leaf commits to.
    pub head: HeadState,
    /// From the root of the domain's tree to the block leaf.
    pub domain_part: Path,
    /// From the co-processor root to the domain leaf.
    pub history_part: Path,
}

/// An [`Opening`] that is borrowed from the input of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpeningRef<'a> {
    /// The domain's head state at the root.
    pub head: HeadState,
    /// From the root of the domain's tree to the block leaf.
    pub domain_part: PathRef<'a>,
    /// From the co-processor root to the domain leaf.
    pub history_part: PathRef<'a>,
}

impl Opening {
    /// The opening, borrowed.
    pub fn as_opening_ref(&self) -> OpeningRef<'_> {
        OpeningRef {
            head: self.head,
            domain_part: self.domain_part.as_path_ref(),
            history_part: self.history_part.as_path_ref(),
        }
    }

    /// The canonical encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        self.as_opening_ref().write(&mut writer);
        writer.finish()
    }

    /// Reads the canonical encoding.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let aligned = AlignedBytes::new(bytes)?;
        let mut reader = Reader::new(aligned.words());
        let opening = OpeningRef::read(&mut reader)?.to_opening();
        reader.finish()?;
        Ok(opening)
    }
}

impl<'a> OpeningRef<'a> {
    /// Reads an opening.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        Ok(Self {
            head: HeadState::from_memory(reader.identifier("head state")?),
            domain_part: PathRef::read(reader, <u64 as Key>::BITS)?,
            history_part: PathRef::read(reader, <DomainId as Key>::BITS)?,
        })
    }

    /// Appends the encoding.
    pub fn write(&self, writer: &mut Writer) {
        writer.identifier(self.head.as_bytes());
        self.domain_part.write(writer);
        self.history_part.write(writer);
    }

    /// An owned copy.
    pub fn to_opening(&self) -> Opening {
        Opening {
            head: self.head,
            domain_part: self.domain_part.to_path(),
            history_part: self.history_part.to_path(),
        }
    }
}

/// A state proof whose domain, number, state root and payload stand under the root.
///
/// Only [`open`] makes one. That the `proof` inside shows anything is for the domain's verifier to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenedStateProof<'a> {
    state_proof: StateProofRef<'a>,
    newest: bool,
}

impl<'a> OpenedStateProof<'a> {
    /// The domain of the block.
    pub const fn domain(&self) -> DomainId {
        self.state_proof.domain
    }

    /// The number of the block.
    pub const fn number(&self) -> u64 {
        self.state_proof.number
    }

    /// The state root of the block.
    pub const fn state_root(&self) -> StateRoot {
        self.state_proof.state_root
    }

    /// What the domain proves of the block beside its state root.
    pub const fn payload(&self) -> &'a [u8] {
        self.state_proof.payload
    }

    /// The proof to check under the state root.
    pub const fn proof(&self) -> &'a [u8] {
        self.state_proof.proof
    }

    /// Whether the block is the newest of its domain at this root.
    pub const fn is_newest(&self) -> bool {
        self.newest
    }
}

/// Opens a state proof against a root.
pub fn open<'a>(
    compression: &mut Compression,
    root: &Root,
    state_proof: StateProofRef<'a>,
    opening: &OpeningRef<'_>,
) -> Result<OpenedStateProof<'a>, OpenError> {
    if *root == Root::ZERO {
        return Err(OpenError::EmptyRoot);
    }
    let number = state_proof.number;
    let payload = PayloadHash::from_words(&digest_words(compression, state_proof.payload));
    let leaf = BlockLeaf {
        number,
        state_root: state_proof.state_root,
        payload,
    }
    .hash(compression);
    let domain_root = opening
        .domain_part
        .fold(&DOMAIN_NODES, compression, &number, leaf)
        .map_err(OpenError::DomainPart)?;
    let domain = state_proof.domain;
    let leaf = hash_domain(compression, domain, domain_root.words(), opening.head);
    let folded = opening
        .history_part
        .fold(&HISTORY_NODES, compression, &domain, leaf)
        .map_err(OpenError::HistoryPart)?;
    let got = Root::from_words(folded.words());
    if got != *root {
        return Err(OpenError::WrongRoot {
            number,
            expected: *root,
            got,
        });
    }
    let newest = opening.domain_part.is_rightmost(&number);
    Ok(OpenedStateProof {
        state_proof,
        newest,
    })
}
