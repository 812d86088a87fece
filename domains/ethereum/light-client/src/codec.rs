//! How configuration, checkpoint and updates lie in a step's input: docs/protocol.md draws it.
//!
//! Everything is read from words without copying what is long. Counts that other fields determine are not
//! written, so that nothing can contradict itself.

use valence_coprocessor_ethereum_bls::{Advice, PublicKey, Signature};
use valence_coprocessor_protocol::{DecodeError, Reader, Writer};

use crate::committee::{Signers, SyncCommitteeBits};
use crate::ssz::{Chunk, ZERO, equal};
use crate::{
    BeaconBlockHeader, BlockRoot, ChainConfig, Checkpoint, Execution, ExecutionPayloadHeader,
    ForkSchedule, LightClientHeader, NextSyncCommittee, Preset, ScheduledFork, StepError,
    SyncCommitteeRoot, Update,
};

/// Bound on the nodes of a branch; the longest has 7.
const BRANCH_LIMIT: usize = 16;
/// Bound on siblings of absent keys: fewer than a committee has members.
const SIBLING_LIMIT: usize = 512;

const ABSENT: u64 = 0;
const PRESENT: u64 = 1;

pub(crate) fn read_config(reader: &mut Reader<'_>) -> Result<ChainConfig, StepError> {
    let malformed = StepError::Malformed;
    let mut number = |field| reader.number(field).map_err(malformed);
    let preset = Preset::new(
        number("committee size")?,
        number("slots per epoch")?,
        number("epochs per period")?,
    )
    .map_err(StepError::Config)?;
    let mut genesis_validators_root = [0; 32];
    genesis_validators_root.copy_from_slice(
        reader
            .bytes("genesis validators root", 32)
            .map_err(malformed)?,
    );
    let mut forks = [ScheduledFork::new([0; 4], 0); 7];
    for fork in &mut forks {
        let bytes = reader.bytes("fork version", 4).map_err(malformed)?;
        let mut version = [0; 4];
        version.copy_from_slice(bytes);
        *fork = ScheduledFork::new(version, reader.number("fork epoch").map_err(malformed)?);
    }
    Ok(ChainConfig {
        preset,
        genesis_validators_root,
        forks: ForkSchedule::new(forks).map_err(StepError::Config)?,
    })
}

pub(crate) fn write_config(writer: &mut Writer, config: &ChainConfig) {
    writer
        .length(config.preset.committee_size())
        .number(config.preset.slots_per_epoch())
        .number(config.preset.epochs_per_period())
        .identifier(&config.genesis_validators_root);
    for fork in config.forks.forks() {
        writer.bytes(fork.version.as_bytes()).number(fork.epoch);
    }
}

pub(crate) fn read_checkpoint(reader: &mut Reader<'_>) -> Result<Checkpoint, DecodeError> {
    let block_root = BlockRoot::from_words(chunk(reader, "finalized block root")?);
    let slot = reader.number("finalized slot")?;
    let current = chunk(reader, "current sync committee")?;
    let next = chunk(reader, "next sync committee")?;
    Ok(Checkpoint {
        block_root,
        slot,
        current_sync_committee: SyncCommitteeRoot::from_words(current),
        // A committee's root is a hash: zeros can only mean that there is none, as in the state.
        next_sync_committee: (!equal(&next, &ZERO)).then_some(SyncCommitteeRoot::from_words(next)),
    })
}

pub(crate) fn write_checkpoint(writer: &mut Writer, checkpoint: &Checkpoint) {
    writer
        .node(checkpoint.block_root.words())
        .number(checkpoint.slot)
        .node(checkpoint.current_sync_committee.words());
    match &checkpoint.next_sync_committee {
        Some(next) => writer.node(next.words()),
        None => writer.node(&ZERO),
    };
}

pub(crate) fn read_update<'a>(
    reader: &mut Reader<'a>,
    preset: &Preset,
) -> Result<Update<'a>, DecodeError> {
    let attested = read_header(reader)?;
    let finalized = read_header(reader)?;
    let finality_branch = read_branch(reader, "finality branch")?;
    let next_sync_committee = if read_presence(reader, "presence of the next sync committee")? {
        Some(NextSyncCommittee {
            root: SyncCommitteeRoot::from_words(chunk(reader, "next sync committee")?),
            branch: read_branch(reader, "next sync committee branch")?,
        })
    } else {
        None
    };
    let size = preset.committee_size();
    let bits = reader.bytes("sync committee bits", size / 8)?;
    let sync_committee_bits = SyncCommitteeBits::from_bytes(bits, size)
        .expect("a preset's size is that of a bit vector, and so many bytes were read");
    let signers = read_signers(reader, sync_committee_bits.absent())?;
    let signature = Signature(*fixed(reader, "signature")?);
    let signature_slot = reader.number("signature slot")?;
    let advice = Advice::read(reader)?;
    Ok(Update {
        attested,
        finalized,
        finality_branch,
        next_sync_committee,
        sync_committee_bits,
        signers,
        signature,
        signature_slot,
        advice,
    })
}

pub(crate) fn write_update(writer: &mut Writer, update: &Update<'_>) {
    write_header(writer, &update.attested);
    write_header(writer, &update.finalized);
    write_branch(writer, update.finality_branch);
    match &update.next_sync_committee {
        Some(next) => {
            writer.number(PRESENT).node(next.root.words());
            write_branch(writer, next.branch);
        }
        None => {
            writer.number(ABSENT);
        }
    }
    writer.bytes(&update.sync_committee_bits.to_bytes());
    let signers = &update.signers;
    writer.bytes(&signers.aggregate_pubkey.0);
    for key in signers.absent {
        writer.bytes(&key.0);
    }
    write_branch(writer, signers.siblings);
    writer
        .bytes(&update.signature.0)
        .number(update.signature_slot);
    update.advice.write(writer);
}

fn read_signers<'a>(reader: &mut Reader<'a>, absent: usize) -> Result<Signers<'a>, DecodeError> {
    let aggregate_pubkey = PublicKey(*fixed(reader, "aggregate public key")?);
    let keys = reader.bytes("absent public keys", 48 * absent)?;
    let count = reader.length("siblings of absent keys", SIBLING_LIMIT)?;
    Ok(Signers {
        aggregate_pubkey,
        absent: PublicKey::slice(keys.as_chunks::<48>().0),
        siblings: reader.nodes("siblings of absent keys", count)?,
    })
}

fn read_header<'a>(reader: &mut Reader<'a>) -> Result<LightClientHeader<'a>, DecodeError> {
    let beacon = BeaconBlockHeader {
        slot: reader.number("slot")?,
        proposer_index: reader.number("proposer index")?,
        parent_root: BlockRoot::from_words(chunk(reader, "parent root")?),
        state_root: chunk(reader, "state root")?,
        body_root: chunk(reader, "body root")?,
    };
    let execution = if read_presence(reader, "presence of the execution payload")? {
        Some(Execution {
            header: read_execution(reader)?,
            branch: read_branch(reader, "execution branch")?,
        })
    } else {
        None
    };
    Ok(LightClientHeader { beacon, execution })
}

fn write_header(writer: &mut Writer, header: &LightClientHeader<'_>) {
    let beacon = &header.beacon;
    writer
        .number(beacon.slot)
        .number(beacon.proposer_index)
        .node(beacon.parent_root.words())
        .node(&beacon.state_root)
        .node(&beacon.body_root);
    match &header.execution {
        Some(execution) => {
            writer.number(PRESENT);
            write_execution(writer, &execution.header);
            write_branch(writer, execution.branch);
        }
        None => {
            writer.number(ABSENT);
        }
    }
}

fn read_execution(reader: &mut Reader<'_>) -> Result<ExecutionPayloadHeader, DecodeError> {
    Ok(ExecutionPayloadHeader {
        parent_hash: chunk(reader, "parent hash")?,
        fee_recipient: chunk(reader, "fee recipient")?,
        state_root: chunk(reader, "execution state root")?,
        receipts_root: chunk(reader, "receipts root")?,
        logs_bloom_root: chunk(reader, "logs bloom root")?,
        prev_randao: chunk(reader, "prev_randao")?,
        block_number: reader.number("block number")?,
        gas_limit: reader.number("gas limit")?,
        gas_used: reader.number("gas used")?,
        timestamp: reader.number("timestamp")?,
        extra_data_root: chunk(reader, "extra data root")?,
        base_fee_per_gas: chunk(reader, "base fee per gas")?,
        block_hash: chunk(reader, "block hash")?,
        transactions_root: chunk(reader, "transactions root")?,
        withdrawals_root: chunk(reader, "withdrawals root")?,
        blob_gas_used: reader.number("blob gas used")?,
        excess_blob_gas: reader.number("excess blob gas")?,
    })
}

fn write_execution(writer: &mut Writer, header: &ExecutionPayloadHeader) {
    writer
        .node(&header.parent_hash)
        .node(&header.fee_recipient)
        .node(&header.state_root)
        .node(&header.receipts_root)
        .node(&header.logs_bloom_root)
        .node(&header.prev_randao)
        .number(header.block_number)
        .number(header.gas_limit)
        .number(header.gas_used)
        .number(header.timestamp)
        .node(&header.extra_data_root)
        .node(&header.base_fee_per_gas)
        .node(&header.block_hash)
        .node(&header.transactions_root)
        .node(&header.withdrawals_root)
        .number(header.blob_gas_used)
        .number(header.excess_blob_gas);
}

fn read_branch<'a>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<&'a [Chunk], DecodeError> {
    let count = reader.length(field, BRANCH_LIMIT)?;
    reader.nodes(field, count)
}

fn write_branch(writer: &mut Writer, branch: &[Chunk]) {
    writer.length(branch.len());
    for node in branch {
        writer.node(node);
    }
}

fn read_presence(reader: &mut Reader<'_>, field: &'static str) -> Result<bool, DecodeError> {
    match reader.number(field)? {
        ABSENT => Ok(false),
        PRESENT => Ok(true),
        got => Err(DecodeError::UnknownTag { field, got }),
    }
}

fn chunk(reader: &mut Reader<'_>, field: &'static str) -> Result<Chunk, DecodeError> {
    Ok(reader.nodes(field, 1)?[0])
}

fn fixed<'a, const N: usize>(
    reader: &mut Reader<'a>,
    field: &'static str,
) -> Result<&'a [u8; N], DecodeError> {
    let bytes = reader.bytes(field, N)?;
    Ok(bytes
        .first_chunk()
        .expect("as many bytes were read as the field has"))
}
