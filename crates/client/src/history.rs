//! The history: roots, the appends between them, openings.

use valence_coprocessor_api::{
    OpeningAnswer, RootAnswer, StepProofAnswer, UpdateAnswer, UpdatePage, paths,
};
use valence_coprocessor_protocol::Root;

use crate::{Client, ClientError, request::Call};

impl Client {
    /// The newest root.
    pub async fn root(&self) -> Result<RootAnswer, ClientError> {
        Call::get(paths::ROOT).send(self).await
    }

    /// The append that led to a root.
    pub async fn update(&self, root: &Root) -> Result<UpdateAnswer, ClientError> {
        let path = paths::with(paths::UPDATE, "root", &root.to_string());
        Call::get(path).send(self).await
    }

    /// Shows that a block is in the history, under the newest root or a pinned one. A domain is named or given by its id.
    pub async fn opening(
        &self,
        domain: &str,
        number: u64,
        root: Option<Root>,
    ) -> Result<OpeningAnswer, ClientError> {
        let path = paths::with(paths::OPENING, "domain", domain);
        let path = paths::with(&path, "number", &number.to_string());
        Call::get(path).root(root).send(self).await
    }

    /// What the domain's light client proves about a block. A domain is named or given by its id.
    pub async fn step_proof(
        &self,
        domain: &str,
        number: u64,
    ) -> Result<StepProofAnswer, ClientError> {
        let path = paths::with(paths::STEP_PROOF, "domain", domain);
        let path = paths::with(&path, "number", &number.to_string());
        Call::get(path).send(self).await
    }

    /// The appends from a root (exclusive) to another (inclusive), as many as one page holds.
    pub async fn updates(
        &self,
        from: &Root,
        to: &Root,
        limit: Option<u32>,
    ) -> Result<UpdatePage, ClientError> {
        let path = paths::with(paths::UPDATES, "from", &from.to_string());
        let path = paths::with(&path, "to", &to.to_string());
        let query: Vec<_> = limit
            .map(|limit| ("limit", limit.to_string()))
            .into_iter()
            .collect();
        Call::get(path).query(&query).send(self).await
    }
}
