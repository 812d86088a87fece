//! The domain at the service: its head, its file, its next block.

use serde_json::Value;
use valence_coprocessor_api::{AddedBlockAnswer, Base64Bytes, ErrorCode, FileWrite, hex};
use valence_coprocessor_client::{Client, ClientError};
use valence_coprocessor_controller_abi::{Base64, LightClientBlock, StepEvidence};
use valence_coprocessor_ethereum_state_proof::BlockPayload;
use valence_coprocessor_protocol::HeadState;

use crate::{OperatorError, OperatorRecord, RECORD_PATH};

/// A domain at a service.
#[derive(Clone, Debug)]
pub(crate) struct Domain {
    service: Client,
    name: String,
}

/// The newest block of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// The state of the light client after it.
    pub(crate) state: HeadState,
    /// What it proves; none if the payload is not one of this light client.
    pub(crate) payload: Option<BlockPayload>,
}

impl Domain {
    pub(crate) fn new(service: Client, name: &str) -> Self {
        Self {
            service,
            name: name.to_owned(),
        }
    }

    /// The newest block; none if there is none yet.
    pub(crate) async fn head(&self) -> Result<Option<Head>, OperatorError> {
        let answer = match self.service.latest_block(&self.name).await {
            Ok(answer) => answer,
            Err(error) if error.code() == Some(ErrorCode::UnknownBlock) => return Ok(None),
            Err(source) => return Err(failed("asking for the newest block", source)),
        };
        if answer.head.as_bytes() == &[0; 32] {
            return Err(OperatorError::NotALightClientDomain {
                domain: self.name.clone(),
                number: answer.number,
            });
        }
        let payload = hex::decode(&answer.payload);
        Ok(Some(Head {
            state: answer.head,
            payload: payload.and_then(|bytes| BlockPayload::decode(&bytes).ok()),
        }))
    }

    /// The recorded clients; none if there is no file, or one that cannot be read.
    pub(crate) async fn record(&self) -> Result<Option<OperatorRecord>, OperatorError> {
        let file = self
            .service
            .domain_file(&self.name, RECORD_PATH)
            .await
            .map_err(|source| failed("reading the record", source))?;
        Ok(file.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
    }

    /// Writes the recorded clients.
    pub(crate) async fn set_record(&self, record: &OperatorRecord) -> Result<(), OperatorError> {
        let bytes = serde_json::to_vec(record).expect("records have only string keys");
        let request = FileWrite {
            path: RECORD_PATH.to_owned(),
            contents: Base64Bytes(bytes),
        };
        self.service
            .set_domain_file(&self.name, &request)
            .await
            .map_err(|source| failed("writing the record", source))
    }

    /// Appends a block.
    pub(crate) async fn append(
        &self,
        payload: &BlockPayload,
        evidence: StepEvidence,
    ) -> Result<AddedBlockAnswer, ClientError> {
        let block = LightClientBlock {
            payload: Base64(payload.encode().to_vec()),
            evidence,
        };
        let args: Value = serde_json::to_value(block).expect("blocks have only string keys");
        self.service.add_block(&self.name, &args).await
    }
}

pub(crate) fn failed(action: &'static str, source: ClientError) -> OperatorError {
    OperatorError::Service { action, source }
}
