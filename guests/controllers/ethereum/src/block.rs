//! Blocks: taken as the light client's step has them.

use serde::Deserialize;
use valence_coprocessor_controller_sdk::{Base64, Error, ValidatedBlock, light_client_step};
use valence_coprocessor_ethereum_state_proof::BlockPayload;
use valence_coprocessor_protocol::sha256;

/// The block to add, as the service hands it over.
#[derive(Clone, Debug, Deserialize)]
pub struct BlockArguments {
    /// The payload that the step commits to.
    pub payload: Base64,
}

/// Takes the block of a step that the service has verified.
pub fn validate_block(arguments: BlockArguments) -> Result<ValidatedBlock, Error> {
    let step = light_client_step().map_err(|error| {
        error.context(
            "blocks of this domain come with evidence of its light client, `{\"payload\": …, \"evidence\": …}`",
        )
    })?;
    let payload = arguments.payload.0;
    if sha256::digest(&payload) != *step.payload_hash.as_bytes() {
        return Err(Error::new(
            "the payload is not the one that the step proves",
        ));
    }
    let decoded = BlockPayload::decode(&payload)
        .map_err(|error| Error::new(format!("the step is not one of Ethereum: {error}")))?;
    if decoded.timestamp != step.time {
        return Err(Error::new(format!(
            "the step is not one of Ethereum: its payload is of {}, it is of {}",
            decoded.timestamp, step.time
        )));
    }
    Ok(ValidatedBlock {
        number: step.number,
        root: *step.state_root.as_bytes(),
        payload,
    })
}
