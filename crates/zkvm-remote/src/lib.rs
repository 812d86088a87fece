#![doc = include_str!("../README.md")]
//! Workers: the serving side and the asking side.

mod handshake;
mod program_hash;
mod protocol;
mod remote;
mod secret;
mod worker;

pub use handshake::HandshakeError;
pub use program_hash::ProgramHash;
pub use remote::{
    AddressError, ConnectError, Lookup, RemoteConfig, RemoteError, RemoteWorker, WorkerAddress,
    WorkerStatus,
};
pub use secret::{Secret, SecretError};
pub use worker::{
    ConnectionLimits, KindStatus, ListenError, Listener, Missing, ProgramCache, ServeError, Worker,
    WorkerConfig,
};

/// The port of a worker where none is named.
pub const DEFAULT_PORT: u16 = 37_282;
