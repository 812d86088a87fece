//! `Witness`: one input to a circuit, before it is opened.

use alloc::vec::Vec;

use crate::{DomainId, StateRoot};

/// One input to a circuit, as a controller returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Witness {
    /// Plain data, of which nothing is proven.
    Data(Vec<u8>),
    /// A proof of chain state, which the circuit sees only once its block was opened against the root.
    StateProof(StateProof),
}

/// Domain-specific proof of chain state, under the state root of one block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateProof {
    /// The domain that the block belongs to.
    pub domain: DomainId,
    /// The number of the block.
    pub number: u64,
    /// The state root of the block.
    pub state_root: StateRoot,
    /// What the domain proves of the block beside its state root.
    pub payload: Vec<u8>,
    /// The proof that the domain's verifier checks under the state root.
    pub proof: Vec<u8>,
}

impl StateProof {
    /// The same state proof, borrowed.
    pub fn as_state_proof_ref(&self) -> StateProofRef<'_> {
        StateProofRef {
            domain: self.domain,
            number: self.number,
            state_root: self.state_root,
            payload: &self.payload,
            proof: &self.proof,
        }
    }
}

/// A [`StateProof`] whose payload and proof are borrowed from the input of a circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateProofRef<'a> {
    /// The domain that the block belongs to.
    pub domain: DomainId,
    /// The number of the block.
    pub number: u64,
    /// The state root of the block.
    pub state_root: StateRoot,
    /// What the domain proves of the block beside its state root.
    pub payload: &'a [u8],
    /// The proof that the domain's verifier checks under the state root.
    pub proof: &'a [u8],
}

impl StateProofRef<'_> {
    /// An owned copy.
    pub fn to_state_proof(&self) -> StateProof {
        StateProof {
            domain: self.domain,
            number: self.number,
            state_root: self.state_root,
            payload: self.payload.to_vec(),
            proof: self.proof.to_vec(),
        }
    }
}
