//! Messages between a parent and its prover process.
//!
//! Each message is one frame: its length (4 bytes, big-endian, as tokio-util's `LengthDelimitedCodec` writes it), then
//! bincode of the message. The child speaks first, with [`Reply::Hello`] once it is ready, or [`Reply::Unable`] before it
//! ends. It then takes one request after the other; every reply to a request repeats its id.

use core::time::Duration;

use bincode::Options;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Execution, Progress, Proof, ProofKind, VerifyingKey, ZkvmError};

/// Changes whenever a message changes.
pub const WIRE_VERSION: u32 = 2;

/// The longest frame: an ELF and an input of the largest size that the API admits, with room to spare.
pub const MAXIMUM_FRAME: usize = 1 << 30;

/// Identifies a request among those of one child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestId(pub u64);

/// What a parent asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Repeated by the replies.
    pub id: RequestId,
    /// What to do.
    pub command: Command,
}

/// What a child can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Answer [`Answer::VerifyingKey`].
    VerifyingKey {
        /// The circuit.
        elf: Vec<u8>,
    },
    /// Answer [`Answer::Execution`].
    Execute {
        /// The circuit.
        elf: Vec<u8>,
        /// What the circuit reads.
        input: Vec<u8>,
        /// The largest number of cycles.
        cycles: u64,
    },
    /// Answer [`Answer::Proof`].
    Prove(Prove),
    /// Answer [`Answer::Verified`].
    Verify {
        /// The key that is demanded.
        key: VerifyingKey,
        /// The proof to check.
        proof: Proof,
    },
}

/// A proof that a parent asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prove {
    /// The circuit.
    pub elf: Vec<u8>,
    /// What the circuit reads.
    pub input: Vec<u8>,
    /// The kind of proof.
    pub kind: ProofKind,
    /// The largest number of cycles.
    pub cycles: u64,
    /// How long the parent waits, for provers that have others do the work: those hear nothing of the child's end.
    pub duration: Duration,
}

/// What a child says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reply {
    /// The child is ready.
    Hello {
        /// [`WIRE_VERSION`] of the child.
        version: u32,
    },
    /// The child cannot do what it was started for, and ends.
    Unable {
        /// What is missing.
        error: ZkvmError,
    },
    /// The request is still being worked on.
    Progress {
        /// The request.
        id: RequestId,
        /// How far it is.
        progress: Progress,
    },
    /// The request is done; nothing more is said about it.
    Done {
        /// The request.
        id: RequestId,
        /// Its answer.
        answer: Result<Answer, ZkvmError>,
    },
}

/// The result of a [`Command`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// To [`Command::VerifyingKey`].
    VerifyingKey(VerifyingKey),
    /// To [`Command::Execute`].
    Execution(Execution),
    /// To [`Command::Prove`].
    Proof(Proof),
    /// To [`Command::Verify`].
    Verified,
}

/// A frame that is no message, or a message that fits no frame.
#[derive(Debug, thiserror::Error)]
#[error("malformed frame")]
pub struct MalformedFrame(#[source] bincode::Error);

fn options() -> impl Options {
    bincode::DefaultOptions::new()
        .with_fixint_encoding()
        .with_limit(MAXIMUM_FRAME as u64)
}

/// A message as the contents of a frame.
pub fn encode<Message: Serialize>(message: &Message) -> Result<Vec<u8>, MalformedFrame> {
    options().serialize(message).map_err(MalformedFrame)
}

/// The message in a frame; bytes left over are an error.
pub fn decode<Message: DeserializeOwned>(frame: &[u8]) -> Result<Message, MalformedFrame> {
    options().deserialize(frame).map_err(MalformedFrame)
}
