//! The negative codes that imports answer with; their numbers are published and never change.

use core::fmt;

/// Why an import call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Code {
    /// The controller exports no memory named `memory`.
    NoMemory = -1,
    /// The result does not fit the controller's memory at the pointer given, or the result buffer.
    Capacity = -2,
    /// Writing the result failed.
    Write = -3,
    /// Reading an argument failed.
    Read = -4,
    /// The return value is not JSON.
    ReturnBytes = -5,
    /// An argument reaches beyond the controller's memory.
    BufferTooLarge = -6,
    /// Raw storage failed.
    RawStorage = -7,
    /// A text is not UTF-8.
    Utf8 = -8,
    /// A domain proof failed.
    DomainProof = -9,
    /// A value could not be encoded.
    Serialization = -10,
    /// An argument is not JSON.
    Json = -11,
    /// A state proof could not be made.
    StateProof = -12,
    /// An HTTP request failed or was refused.
    Http = -13,
    /// The latest block could not be read.
    LatestBlock = -14,
    /// File storage failed, or a file does not fit the FAT image.
    Storage = -15,
    /// An opening could not be made.
    Opening = -16,
    /// A payload could not be read.
    Payload = -17,
    /// No API key or endpoint is configured for the chain, or its name is invalid.
    ApiKey = -18,
    /// The node answered no result.
    RpcResult = -19,
    /// The proof of a block could not be made.
    BlockProof = -20,
    /// A historical update could not be read.
    HistoricalUpdate = -21,
    /// This call is not about a block that the domain's light client has accepted.
    LightClientStep = -22,
}

impl Code {
    /// Every code, from −1 downwards.
    pub const ALL: [Self; 22] = [
        Self::NoMemory,
        Self::Capacity,
        Self::Write,
        Self::Read,
        Self::ReturnBytes,
        Self::BufferTooLarge,
        Self::RawStorage,
        Self::Utf8,
        Self::DomainProof,
        Self::Serialization,
        Self::Json,
        Self::StateProof,
        Self::Http,
        Self::LatestBlock,
        Self::Storage,
        Self::Opening,
        Self::Payload,
        Self::ApiKey,
        Self::RpcResult,
        Self::BlockProof,
        Self::HistoricalUpdate,
        Self::LightClientStep,
    ];

    /// The number that stands for this code.
    pub const fn number(self) -> i32 {
        self as i32
    }

    /// The code with this number, if there is one.
    pub fn from_number(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.number() == number)
    }

    /// What the code means, in a few words.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::NoMemory => "the controller exports no memory",
            Self::Capacity => "the result does not fit the controller's buffer",
            Self::Write => "the result could not be written",
            Self::Read => "an argument could not be read",
            Self::ReturnBytes => "the return value is not JSON",
            Self::BufferTooLarge => "an argument reaches beyond the controller's memory",
            Self::RawStorage => "raw storage failed",
            Self::Utf8 => "a text is not UTF-8",
            Self::DomainProof => "the domain proof failed",
            Self::Serialization => "a value could not be encoded",
            Self::Json => "an argument is not JSON",
            Self::StateProof => "the state proof failed",
            Self::Http => "the HTTP request failed",
            Self::LatestBlock => "the latest block could not be read",
            Self::Storage => "file storage failed",
            Self::Opening => "the opening failed",
            Self::Payload => "the payload could not be read",
            Self::ApiKey => "no endpoint is configured for the chain",
            Self::RpcResult => "the node answered no result",
            Self::BlockProof => "the block proof failed",
            Self::HistoricalUpdate => "the historical update could not be read",
            Self::LightClientStep => "the light client has accepted no block in this call",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.meaning(), self.number())
    }
}
