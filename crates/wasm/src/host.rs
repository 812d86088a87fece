//! What a controller may read and write: the engine implements it for one call of one controller.

use async_trait::async_trait;
use valence_coprocessor_controller_abi::{Block, HistoricalUpdate};
use valence_coprocessor_protocol::{Root, StateProof, StepPublicValues};

use crate::budget::Budget;
use crate::error::HostError;

/// The world of one call. Every error text reaches the call's log, so it must not hold a secret.
#[async_trait]
pub trait Host: Send + Sync {
    /// Identifier of the circuit or domain whose controller runs.
    fn controller(&self) -> [u8; 32];

    /// The co-processor root that the call sees.
    fn historical(&self) -> Root;

    /// A stored file; `path` is as the controller wrote it.
    async fn file(&self, path: &str) -> Result<Option<Vec<u8>>, HostError>;

    /// Stores a file.
    async fn set_file(&self, path: &str, contents: Vec<u8>) -> Result<(), HostError>;

    /// Every stored file, for the file system image.
    async fn files(&self) -> Result<Vec<StoredFile>, HostError>;

    /// Applies what a controller did to its file system image, in one step.
    async fn change_files(&self, changes: FileChanges) -> Result<(), HostError>;

    /// The raw storage.
    async fn raw(&self) -> Result<Option<Vec<u8>>, HostError>;

    /// Replaces the raw storage.
    async fn set_raw(&self, bytes: Vec<u8>) -> Result<(), HostError>;

    /// The newest block of a domain at the call's root. The name is whatever the controller wrote.
    async fn latest_block(&self, domain: &str) -> Result<Option<Block>, HostError>;

    /// The encoded opening of a block at the call's root.
    async fn block_proof(&self, domain: &str, number: u64) -> Result<Vec<u8>, HostError>;

    /// The public values of the light client's step that was verified for this call, if it is about one.
    fn light_client_step(&self) -> Option<StepPublicValues>;

    /// The step of the history that led to a root.
    async fn historical_update(&self, root: Root) -> Result<Option<HistoricalUpdate>, HostError>;

    /// A state proof by the domain's controller, which must be called with this budget.
    async fn state_proof(
        &self,
        domain: &str,
        args: Vec<u8>,
        budget: Budget,
    ) -> Result<StateProof, HostError>;
}

/// A file in a controller's storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredFile {
    /// Its path, with or without a leading slash.
    pub path: String,
    /// Its bytes.
    pub contents: Vec<u8>,
}

/// What a controller did to its file system image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileChanges {
    /// Files that are new or have other contents.
    pub write: Vec<StoredFile>,
    /// Paths of files that are gone.
    pub delete: Vec<String>,
}
