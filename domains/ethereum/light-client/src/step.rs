//! `step`: a chain of updates from one committed state to the next, as the circuit `ethereum-step` proves it.

use alloc::vec::Vec;

use valence_coprocessor_protocol::sha256::{Compression, digest_words};
use valence_coprocessor_protocol::{
    AlignedBytes, HeadState, PayloadHash, Reader, StateRoot, StepPublicValues, Writer,
};

use crate::ssz::{Chunk, chunk_bytes};
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
    pub payload: Payload,
}

/// The payload of a proven block.
///
/// ```text
/// block hash · parent hash · receipts root · prev_randao · beacon block root (32 each) · slot · timestamp (8 each, big-endian)
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The hash of the block.
    pub block_hash: [u8; 32],
    /// The hash of the block before.
    pub parent_hash: [u8; 32],
    /// The root of the receipts' trie.
    pub receipts_root: [u8; 32],
    /// The randomness of the beacon chain.
    pub prev_randao: [u8; 32],
    /// The root of the beacon block that carries this block.
    pub beacon_block_root: [u8; 32],
    /// The slot of the beacon block.
    pub slot: u64,
    /// Seconds since 1970.
    pub timestamp: u64,
}

impl Payload {
    /// Bytes of a payload.
    pub const LENGTH: usize = 176;

    /// The bytes.
    #[must_use]
    pub fn encode(&self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let hashes = [
            self.block_hash,
            self.parent_hash,
            self.receipts_root,
            self.prev_randao,
            self.beacon_block_root,
        ];
        let (places, numbers) = bytes.split_at_mut(160);
        for (place, hash) in places.as_chunks_mut::<32>().0.iter_mut().zip(hashes) {
            *place = hash;
        }
        numbers[..8].copy_from_slice(&self.slot.to_be_bytes());
        numbers[8..].copy_from_slice(&self.timestamp.to_be_bytes());
        bytes
    }

    /// Reads the bytes; none if their number is another.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let (hashes, _) = bytes.as_chunks::<32>();
        let (words, _) = bytes.as_chunks::<8>();
        Some(Self {
            block_hash: hashes[0],
            parent_hash: hashes[1],
            receipts_root: hashes[2],
            prev_randao: hashes[3],
            beacon_block_root: hashes[4],
            slot: u64::from_be_bytes(words[20]),
            timestamp: u64::from_be_bytes(words[21]),
        })
    }

    fn of(header: &FinalizedHeader, execution: &ExecutionPayloadHeader) -> Self {
        let bytes = |chunk: &Chunk| chunk_bytes(chunk);
        Self {
            block_hash: bytes(&execution.block_hash),
            parent_hash: bytes(&execution.parent_hash),
            receipts_root: bytes(&execution.receipts_root),
            prev_randao: bytes(&execution.prev_randao),
            beacon_block_root: header.block_root.to_bytes(),
            slot: header.beacon.slot,
            timestamp: execution.timestamp,
        }
    }
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
        payload: Payload::of(&header, &execution),
    })
}
