//! `step`: a chain of updates from one committed state to the next, as the circuit `ethereum-step` proves it.

use alloc::vec::Vec;

use valence_coprocessor_ethereum_state_proof::{BlockHash, BlockPayload, ReceiptsRoot};
use valence_coprocessor_protocol::sha256::{Compression, digest_words};
use valence_coprocessor_protocol::{
    AlignedBytes, HeadState, PayloadHash, Reader, StateRoot, StepPublicValues, Writer,
};

use crate::ssz::chunk_bytes;
use crate::{
    ChainConfig, Checkpoint, ExecutionPayloadHeader, FinalizedHeader, LightClientStore, StepError,
    Update, codec,
};

/// What a step's input starts with.
const MARK: &[u8; 8] = b"VALETH\0\x01";
/// Bound on updates in one step: far more than a proof of one step can have.
const UPDATE_LIMIT: usize = 1 << 12;

/// Everything that a step is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepInput<'a> {
    /// The chain. The state commits to it.
    pub config: ChainConfig,
    /// What the previous state commits to.
    pub previous: Checkpoint,
    /// Applied one after the other. Any of them may change the committees, the last one needs not.
    pub updates: Vec<Update<'a>>,
}

/// What a step proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepOutput {
    /// The state that the step starts from.
    pub previous: HeadState,
    /// The state that it leads to.
    pub state: HeadState,
    /// The number of the newest finalized block of the execution layer.
    pub number: u64,
    /// Its time, in seconds since 1970.
    pub time: u64,
    /// The root of the state after it.
    pub state_root: StateRoot,
    /// What else is proven of it.
    pub payload: BlockPayload,
}

impl<'a> StepInput<'a> {
    /// Reads the words of an input. The updates borrow from it.
    pub fn decode(words: &'a [u64]) -> Result<Self, StepError> {
        let mut reader = Reader::new(words);
        let malformed = StepError::Malformed;
        let got = reader.number("mark").map_err(malformed)?;
        if got != u64::from_le_bytes(*MARK) {
            return Err(StepError::Mark { got });
        }
        let config = codec::read_config(&mut reader)?;
        let previous = codec::read_checkpoint(&mut reader).map_err(malformed)?;
        let count = reader.length("updates", UPDATE_LIMIT).map_err(malformed)?;
        let mut updates = Vec::new();
        for _ in 0..count {
            updates.push(codec::read_update(&mut reader, &config.preset).map_err(malformed)?);
        }
        reader.finish().map_err(malformed)?;
        Ok(Self {
            config,
            previous,
            updates,
        })
    }

    /// The bytes of the input, for hosts.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer.bytes(MARK);
        codec::write_config(&mut writer, &self.config);
        codec::write_checkpoint(&mut writer, &self.previous);
        writer.length(self.updates.len());
        for update in &self.updates {
            codec::write_update(&mut writer, update);
        }
        writer.finish()
    }
}

impl StepOutput {
    /// What every light-client circuit publishes.
    #[must_use]
    pub fn public_values(&self) -> StepPublicValues {
        let payload = digest_words(&mut Compression::new(), &self.payload.encode());
        StepPublicValues {
            previous: self.previous,
            state: self.state,
            number: self.number,
            time: self.time,
            state_root: self.state_root,
            payload_hash: PayloadHash::from_words(&payload),
        }
    }
}

/// Decodes an input and verifies it: all that the circuit does.
pub fn step(input: &[u8]) -> Result<StepOutput, StepError> {
    let aligned = AlignedBytes::new(input).map_err(StepError::Malformed)?;
    verify_step(&StepInput::decode(aligned.words())?)
}

/// Verifies and applies each update. The newest finalized header must be newer than that of the previous
/// state, and carry an execution payload.
pub fn verify_step(input: &StepInput<'_>) -> Result<StepOutput, StepError> {
    let mut store = LightClientStore::trusted(input.config, input.previous);
    let previous = store.state();
    let mut newest = None;
    for (index, update) in input.updates.iter().enumerate() {
        let refused = |error| StepError::Update { index, error };
        let verified = store.verify(update).map_err(refused)?;
        newest = store.apply(verified).map_err(refused)?.or(newest);
    }
    let slot = input.previous.slot;
    let header = newest.ok_or(StepError::NoAdvance { slot })?;
    let slot = header.beacon.slot;
    let execution = header
        .execution
        .ok_or(StepError::NoExecutionRoot { slot })?;
    Ok(StepOutput {
        previous,
        state: store.state(),
        number: execution.block_number,
        time: execution.timestamp,
        state_root: StateRoot::from_words(&execution.state_root),
        payload: payload(&header, &execution),
    })
}

fn payload(header: &FinalizedHeader, execution: &ExecutionPayloadHeader) -> BlockPayload {
    BlockPayload {
        block_hash: BlockHash::from_bytes(chunk_bytes(&execution.block_hash)),
        parent: BlockHash::from_bytes(chunk_bytes(&execution.parent_hash)),
        receipts_root: ReceiptsRoot::from_bytes(chunk_bytes(&execution.receipts_root)),
        prev_randao: chunk_bytes(&execution.prev_randao),
        beacon_block_root: header.block_root.to_bytes(),
        slot: header.beacon.slot,
        timestamp: execution.timestamp,
    }
}
