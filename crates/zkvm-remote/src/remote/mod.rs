//! A worker as a service sees it.

mod address;
mod as_worker;
mod config;
mod connection;
mod error;
mod remote_worker;
mod status;
mod work;

pub use address::{AddressError, WorkerAddress};
pub use config::RemoteConfig;
pub use connection::{ConnectError, Lookup};
pub use error::RemoteError;
pub use remote_worker::RemoteWorker;
pub use status::WorkerStatus;
