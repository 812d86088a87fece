//! `Witnesses`: what a circuit is given, unverified and verified.

use alloc::vec::Vec;

use valence_coprocessor_history::{OpenedStateProof, OpeningRef, open};
use valence_coprocessor_protocol::sha256::Compression;
use valence_coprocessor_protocol::{DomainId, Reader, Root, StateProofRef, StateRoot};

use crate::WitnessError;

/// The first word of the input: the layout's name and version.
pub(crate) const LAYOUT: u64 = u64::from_le_bytes(*b"VALWIT\0\x01");
/// Tag of plain data.
pub(crate) const DATA: u64 = 0;
/// Tag of a state proof, which always carries its opening.
pub(crate) const STATE_PROOF: u64 = 1;

/// Witnesses as they were read, of which nothing is verified.
#[derive(Debug, Clone)]
pub struct Witnesses<'a> {
    root: Root,
    witnesses: Vec<Unverified<'a>>,
}

#[derive(Debug, Clone)]
enum Unverified<'a> {
    Data(&'a [u8]),
    StateProof(StateProofRef<'a>, OpeningRef<'a>),
}

/// A value that was verified; only the verification makes one.
#[derive(Debug)]
pub struct Verified<T: Verify> {
    facts: T::Facts,
}

/// What verification of a value leaves. Only this crate's types are verified this way.
pub trait Verify: sealed::Sealed {
    /// The verified facts.
    type Facts: core::fmt::Debug;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Witnesses<'_> {}
}

impl<'a> Verify for Witnesses<'a> {
    type Facts = Opened<'a>;
}

/// Witnesses of which every state proof was opened.
#[derive(Debug)]
pub struct Opened<'a> {
    root: Root,
    witnesses: Vec<OpenedWitness<'a>>,
}

#[derive(Debug)]
enum OpenedWitness<'a> {
    Data(&'a [u8]),
    StateProof(OpenedStateProof<'a>),
}

impl<'a> Witnesses<'a> {
    /// Reads the input of a circuit from its words, and borrows what is long.
    pub fn decode(words: &'a [u64]) -> Result<Self, WitnessError> {
        read(words).map_err(WitnessError::Malformed)
    }

    /// Opens every state proof against the root.
    pub fn verify(self) -> Result<Verified<Self>, WitnessError> {
        let mut compression = Compression::new();
        let mut witnesses = Vec::with_capacity(self.witnesses.len());
        for (index, witness) in self.witnesses.into_iter().enumerate() {
            witnesses.push(match witness {
                Unverified::Data(data) => OpenedWitness::Data(data),
                Unverified::StateProof(state_proof, opening) => OpenedWitness::StateProof(
                    open(&mut compression, &self.root, state_proof, &opening)
                        .map_err(|error| WitnessError::NotOpened { index, error })?,
                ),
            });
        }
        Ok(Verified {
            facts: Opened {
                root: self.root,
                witnesses,
            },
        })
    }
}

fn read(words: &[u64]) -> Result<Witnesses<'_>, valence_coprocessor_protocol::DecodeError> {
    use valence_coprocessor_protocol::DecodeError;
    let mut reader = Reader::new(words);
    let layout = reader.number("layout")?;
    if layout != LAYOUT {
        return Err(DecodeError::UnknownTag {
            field: "layout",
            got: layout,
        });
    }
    let root = Root::from_memory(reader.identifier("root")?);
    // A witness takes at least two words, so no count can ask for more room than the input has.
    let limit = words.len() / 2;
    let count = reader.length("number of witnesses", limit)?;
    let mut witnesses = Vec::with_capacity(count);
    for _ in 0..count {
        witnesses.push(read_witness(&mut reader)?);
    }
    reader.finish()?;
    Ok(Witnesses { root, witnesses })
}

fn read_witness<'a>(
    reader: &mut Reader<'a>,
) -> Result<Unverified<'a>, valence_coprocessor_protocol::DecodeError> {
    use valence_coprocessor_protocol::DecodeError;
    match reader.number("kind of witness")? {
        DATA => Ok(Unverified::Data(read_bytes(reader, "data")?)),
        STATE_PROOF => {
            let state_proof = StateProofRef {
                domain: DomainId::from_memory(reader.identifier("domain")?),
                number: reader.number("number")?,
                state_root: StateRoot::from_memory(reader.identifier("state root")?),
                payload: read_bytes(reader, "payload")?,
                proof: read_bytes(reader, "proof")?,
            };
            Ok(Unverified::StateProof(
                state_proof,
                OpeningRef::read(reader)?,
            ))
        }
        got => Err(DecodeError::UnknownTag {
            field: "kind of witness",
            got,
        }),
    }
}

fn read_bytes<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<&'a [u8], valence_coprocessor_protocol::DecodeError> {
    let limit = usize::try_from(reader.remaining()).unwrap_or(usize::MAX);
    let length = reader.length(field, limit)?;
    reader.bytes(field, length)
}

impl<'a> Verified<Witnesses<'a>> {
    /// The root that every state proof was opened against.
    pub const fn root(&self) -> Root {
        self.facts.root
    }

    /// Number of witnesses.
    pub const fn len(&self) -> usize {
        self.facts.witnesses.len()
    }

    /// Whether there are no witnesses.
    pub const fn is_empty(&self) -> bool {
        self.facts.witnesses.is_empty()
    }

    /// The plain data at a position.
    pub fn data(&self, index: usize) -> Result<&'a [u8], WitnessError> {
        match self.witness(index)? {
            OpenedWitness::Data(data) => Ok(data),
            OpenedWitness::StateProof(_) => Err(WitnessError::NotData { index }),
        }
    }

    /// The state proof at a position, which must be of the domain that the circuit names.
    pub fn state_proof(
        &self,
        index: usize,
        domain: DomainId,
    ) -> Result<&OpenedStateProof<'a>, WitnessError> {
        let state_proof = self.any_state_proof(index)?;
        if state_proof.domain() != domain {
            let got = state_proof.domain();
            return Err(WitnessError::WrongDomain {
                index,
                expected: domain,
                got,
            });
        }
        Ok(state_proof)
    }

    /// The same, and its block must be the newest of the domain at the root.
    pub fn newest_state_proof(
        &self,
        index: usize,
        domain: DomainId,
    ) -> Result<&OpenedStateProof<'a>, WitnessError> {
        let state_proof = self.state_proof(index, domain)?;
        if !state_proof.is_newest() {
            return Err(WitnessError::NotNewest {
                index,
                number: state_proof.number(),
            });
        }
        Ok(state_proof)
    }

    /// The state proof at a position, of whatever domain: the circuit must output or check which.
    pub fn any_state_proof(&self, index: usize) -> Result<&OpenedStateProof<'a>, WitnessError> {
        match self.witness(index)? {
            OpenedWitness::StateProof(state_proof) => Ok(state_proof),
            OpenedWitness::Data(_) => Err(WitnessError::NotStateProof { index }),
        }
    }

    fn witness(&self, index: usize) -> Result<&OpenedWitness<'a>, WitnessError> {
        let count = self.len();
        self.facts
            .witnesses
            .get(index)
            .ok_or(WitnessError::Missing { index, count })
    }
}
