#![doc = include_str!("../README.md")]

mod backoff;
mod clock;
mod config;
mod domain;
mod error;
mod event;
mod gather;
mod network;
mod network_file;
mod node;
mod nodes;
mod operator;
mod prover;
mod record;
mod report;
mod restore;

pub use backoff::Backoff;
pub use clock::Clock;
pub use config::OperatorConfig;
pub use error::{NetworkError, NodeError, OperatorError};
pub use event::{Event, Reporter};
pub use network::Network;
pub use network_file::NetworkFile;
pub use node::{BeaconUrl, FetchLimits};
pub use nodes::BeaconNodes;
pub use operator::Operator;
pub use prover::StepProver;
pub use record::{OperatorRecord, RECORD_PATH};
pub use report::{GenesisReport, StepReport};
