//! The messages, and what they are in the words of the port.
//!
//! What comes from the other side is untrusted: numbers that are no value of an enumeration are errors, texts are cut.

mod failure;
mod messages;
mod news;
mod words;

pub(crate) use failure::milliseconds;
pub(crate) use messages::{
    Event, HasProgramRequest, HasProgramResponse, KindStatus as SentKindStatus,
    Missing as SentMissing, ProgramChunk, RunRequest, StatusRequest, StatusResponse,
    UploadProgramResponse, prover_client, prover_server,
};
pub(crate) use news::{News, heartbeat_event, made_event, news_of, progress_event, queued_event};
pub(crate) use words::{kind_of, kind_sent, priority_of, priority_sent, shown};

/// The longest part of an ELF in one message.
pub(crate) const CHUNK: usize = 1 << 20;

/// What a message takes beside the bytes that it carries.
pub(crate) const ENVELOPE: usize = 64 << 10;

/// The header of a refusal that says in how many seconds to come again.
pub(crate) const RETRY_AFTER: &str = "retry-after";

/// What may be under way on one stream: enough for inputs and proofs over a long way.
pub(crate) const STREAM_WINDOW: u32 = 2 << 20;

/// What may be under way on one connection.
pub(crate) const CONNECTION_WINDOW: u32 = 8 << 20;
