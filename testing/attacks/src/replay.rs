//! `replay`: the circuit that runs every command among its witnesses, on the host and in the zkVM.

use alloc::vec::Vec;

use thiserror::Error;
use valence_coprocessor_circuit_sdk::{OpenedStateProof, Verified, WitnessError, Witnesses};
use valence_coprocessor_history::{AppendError, BlockAppend};
use valence_coprocessor_protocol::{AlignedBytes, DecodeError, DomainId, Reader, Root, Writer};

const CLAIM: u64 = 1;
const DEMAND: u64 = 2;
const DEMAND_NEWEST: u64 = 3;

/// What a data witness asks of [`replay`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Verify that an append leads from one root to another.
    Claim {
        /// The claimed root before.
        previous: Root,
        /// The claimed root after.
        root: Root,
        /// The encoded append.
        append: Vec<u8>,
    },
    /// Demand that a witness is a state proof of a domain.
    Demand {
        /// Position of the witness.
        index: u64,
        /// The domain.
        domain: DomainId,
    },
    /// Demand that it is also of the domain's newest block.
    DemandNewest {
        /// Position of the witness.
        index: u64,
        /// The domain.
        domain: DomainId,
    },
}

/// Why the replay refuses.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReplayError {
    /// A demand is not met.
    #[error("{0}")]
    Witness(WitnessError),
    /// A command is not an encoding of one.
    #[error("command is malformed: {0}")]
    Command(DecodeError),
    /// An append is not an encoding of one.
    #[error("append is malformed: {0}")]
    MalformedAppend(DecodeError),
    /// An append does not lead anywhere.
    #[error("append is refused: {0}")]
    Append(AppendError),
    /// An append starts elsewhere.
    #[error("append starts at root {got}, claimed was {expected}")]
    WrongPrevious {
        /// The claimed root.
        expected: Root,
        /// The root at which it starts.
        got: Root,
    },
    /// An append leads elsewhere.
    #[error("append leads to root {got}, claimed was {expected}")]
    WrongRoot {
        /// The claimed root.
        expected: Root,
        /// The root to which it leads.
        got: Root,
    },
}

impl Command {
    /// The bytes of a data witness.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        match self {
            Self::Claim {
                previous,
                root,
                append,
            } => {
                writer
                    .number(CLAIM)
                    .identifier(previous.as_bytes())
                    .identifier(root.as_bytes());
                writer.bytes(append);
            }
            Self::Demand { index, domain } => {
                writer
                    .number(DEMAND)
                    .number(*index)
                    .identifier(domain.as_bytes());
            }
            Self::DemandNewest { index, domain } => {
                writer
                    .number(DEMAND_NEWEST)
                    .number(*index)
                    .identifier(domain.as_bytes());
            }
        }
        writer.finish()
    }

    /// Reads the bytes of a data witness.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let aligned = AlignedBytes::new(bytes)?;
        let mut reader = Reader::new(aligned.words());
        let command = match reader.number("command")? {
            CLAIM => Self::Claim {
                previous: Root::from_memory(reader.identifier("previous root")?),
                root: Root::from_memory(reader.identifier("root")?),
                append: {
                    let length = usize::try_from(reader.remaining()).unwrap_or(usize::MAX);
                    reader.bytes("append", length)?.to_vec()
                },
            },
            kind @ (DEMAND | DEMAND_NEWEST) => {
                let index = reader.number("index")?;
                let domain = DomainId::from_memory(reader.identifier("domain")?);
                if kind == DEMAND {
                    Self::Demand { index, domain }
                } else {
                    Self::DemandNewest { index, domain }
                }
            }
            got => {
                return Err(DecodeError::UnknownTag {
                    field: "command",
                    got,
                });
            }
        };
        reader.finish()?;
        Ok(command)
    }
}

/// Runs the commands among the witnesses and outputs the facts of every state proof: domain, number,
/// state root, whether it is the newest, payload.
pub fn replay(witnesses: &Verified<Witnesses<'_>>) -> Result<Vec<u8>, ReplayError> {
    let mut output = Vec::new();
    for index in 0..witnesses.len() {
        match witnesses.any_state_proof(index) {
            Ok(opened) => facts(opened, &mut output),
            Err(WitnessError::NotStateProof { .. }) => {
                let data = witnesses.data(index).map_err(ReplayError::Witness)?;
                obey(
                    witnesses,
                    Command::decode(data).map_err(ReplayError::Command)?,
                )?;
            }
            Err(error) => return Err(ReplayError::Witness(error)),
        }
    }
    Ok(output)
}

fn facts(opened: &OpenedStateProof<'_>, output: &mut Vec<u8>) {
    output.extend_from_slice(opened.domain().as_bytes());
    output.extend_from_slice(&opened.number().to_be_bytes());
    output.extend_from_slice(opened.state_root().as_bytes());
    output.push(u8::from(opened.is_newest()));
    output.extend_from_slice(opened.payload());
}

fn obey(witnesses: &Verified<Witnesses<'_>>, command: Command) -> Result<(), ReplayError> {
    let position = |index| usize::try_from(index).unwrap_or(usize::MAX);
    match command {
        Command::Claim {
            previous,
            root,
            append,
        } => claim(previous, root, &append),
        Command::Demand { index, domain } => {
            let state_proof = witnesses.state_proof(position(index), domain);
            state_proof.map(|_| ()).map_err(ReplayError::Witness)
        }
        Command::DemandNewest { index, domain } => {
            let state_proof = witnesses.newest_state_proof(position(index), domain);
            state_proof.map(|_| ()).map_err(ReplayError::Witness)
        }
    }
}

fn claim(previous: Root, root: Root, append: &[u8]) -> Result<(), ReplayError> {
    let append = BlockAppend::decode(append).map_err(ReplayError::MalformedAppend)?;
    let verified = append.verify().map_err(ReplayError::Append)?;
    if verified.previous() != previous {
        let got = verified.previous();
        return Err(ReplayError::WrongPrevious {
            expected: previous,
            got,
        });
    }
    if verified.root() != root {
        return Err(ReplayError::WrongRoot {
            expected: root,
            got: verified.root(),
        });
    }
    Ok(())
}
