//! SSZ of the light-client objects, by fork (`light-client/sync-protocol.md` of each).
//!
//! The layouts are strict: offsets point exactly to where the fields before end, and nothing is left over.

use valence_coprocessor_ethereum_light_client::{ChainConfig, Fork, Preset};

use crate::{
    BeaconError, BeaconHeader, Bootstrap, Bytes, ExecutionPayloadHeader, LightClientHeader,
    SszError, SyncAggregate, SyncCommittee, Update, fork_of_digest,
};

const OFFSET: usize = 4;
/// Most bytes of extra data.
const EXTRA_DATA: usize = 32;

impl Bootstrap {
    /// Decodes a `LightClientBootstrap` with the layout of a fork.
    pub fn from_ssz(bytes: &[u8], fork: Fork, preset: &Preset) -> Result<Self, BeaconError> {
        Self::read(bytes, fork, preset).map_err(BeaconError::Ssz)
    }

    fn read(bytes: &[u8], fork: Fork, preset: &Preset) -> Result<Self, SszError> {
        let mut fields = Fields::new(bytes);
        let header = fields.header_or_offset(fork)?;
        let current_sync_committee = fields.committee(preset)?;
        let branch = fields.branch("current_sync_committee_branch", committee_depth(fork))?;
        let mut headers = fields.variable([header.offset()])?.into_iter();
        let header = header.resolve(&mut headers, fork)?;
        Ok(Self {
            header,
            current_sync_committee,
            current_sync_committee_branch: branch,
        })
    }
}

impl Update {
    /// Decodes a `LightClientUpdate` with the layout of a fork.
    pub fn from_ssz(bytes: &[u8], fork: Fork, preset: &Preset) -> Result<Self, BeaconError> {
        Self::read(bytes, fork, preset, true).map_err(BeaconError::Ssz)
    }

    /// Decodes a `LightClientFinalityUpdate` with the layout of a fork.
    pub fn finality_from_ssz(
        bytes: &[u8],
        fork: Fork,
        preset: &Preset,
    ) -> Result<Self, BeaconError> {
        Self::read(bytes, fork, preset, false).map_err(BeaconError::Ssz)
    }

    fn read(
        bytes: &[u8],
        fork: Fork,
        preset: &Preset,
        has_committee: bool,
    ) -> Result<Self, SszError> {
        let mut fields = Fields::new(bytes);
        let attested = fields.header_or_offset(fork)?;
        let (mut next_sync_committee, mut next_sync_committee_branch) = (None, None);
        if has_committee {
            next_sync_committee = Some(fields.committee(preset)?);
            next_sync_committee_branch =
                Some(fields.branch("next_sync_committee_branch", committee_depth(fork))?);
        }
        let finalized = fields.header_or_offset(fork)?;
        let finality_branch = fields.branch("finality_branch", committee_depth(fork) + 1)?;
        let bits = fields.take("sync_committee_bits", preset.committee_size() / 8)?;
        let sync_aggregate = SyncAggregate {
            sync_committee_bits: bits.to_vec(),
            sync_committee_signature: fields.fixed("sync_committee_signature")?,
        };
        let signature_slot = fields.number("signature_slot")?;
        let mut headers = fields
            .variable([attested.offset(), finalized.offset()])?
            .into_iter();
        let attested_header = attested.resolve(&mut headers, fork)?;
        let finalized_header = finalized.resolve(&mut headers, fork)?;
        Ok(Self {
            attested_header,
            next_sync_committee,
            next_sync_committee_branch,
            finalized_header,
            finality_branch,
            sync_aggregate,
            signature_slot,
        })
    }
}

/// Decodes the body of `/eth/v1/beacon/light_client/updates`: for each update a length (8 bytes, of all that
/// follows), a fork digest (4 bytes) and the update.
pub fn updates_from_ssz(bytes: &[u8], config: &ChainConfig) -> Result<Vec<Update>, BeaconError> {
    let mut fields = Fields::new(bytes);
    let mut updates = Vec::new();
    while !fields.rest.is_empty() {
        let length = fields
            .number("length of an update")
            .map_err(BeaconError::Ssz)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let object = fields.take("update", length).map_err(BeaconError::Ssz)?;
        let mut object = Fields::new(object);
        let digest = object.fixed("fork digest").map_err(BeaconError::Ssz)?;
        let fork = fork_of_digest(config, digest.0);
        updates.push(Update::from_ssz(object.rest, fork, &config.preset)?);
    }
    Ok(updates)
}

/// Nodes of the branches of both committees.
fn committee_depth(fork: Fork) -> usize {
    if fork >= Fork::Electra { 6 } else { 5 }
}

/// Reads the fields of a container from the front.
struct Fields<'a> {
    all: &'a [u8],
    rest: &'a [u8],
}

/// A header of fixed length stands in its place, one of variable length behind an offset.
enum Header {
    Here(Box<LightClientHeader>),
    At(usize),
}

impl Header {
    const fn offset(&self) -> Option<usize> {
        match self {
            Self::Here(_) => None,
            Self::At(offset) => Some(*offset),
        }
    }

    /// Decodes the next of the variable parts, if this header is one.
    fn resolve<'a>(
        self,
        parts: &mut impl Iterator<Item = &'a [u8]>,
        fork: Fork,
    ) -> Result<LightClientHeader, SszError> {
        match self {
            Self::Here(header) => Ok(*header),
            Self::At(_) => read_header(parts.next().unwrap_or_default(), fork),
        }
    }
}

impl<'a> Fields<'a> {
    const fn new(bytes: &'a [u8]) -> Self {
        Self {
            all: bytes,
            rest: bytes,
        }
    }

    fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], SszError> {
        let (taken, rest) = self
            .rest
            .split_at_checked(length)
            .ok_or(SszError::Truncated {
                field,
                needed: length,
                remaining: self.rest.len(),
            })?;
        self.rest = rest;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self, field: &'static str) -> Result<Bytes<N>, SszError> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.take(field, N)?);
        Ok(Bytes(bytes))
    }

    fn number(&mut self, field: &'static str) -> Result<u64, SszError> {
        Ok(u64::from_le_bytes(self.fixed(field)?.0))
    }

    fn offset(&mut self, field: &'static str) -> Result<usize, SszError> {
        Ok(u32::from_le_bytes(self.fixed::<OFFSET>(field)?.0) as usize)
    }

    fn branch(&mut self, field: &'static str, depth: usize) -> Result<Vec<Bytes<32>>, SszError> {
        (0..depth).map(|_| self.fixed(field)).collect()
    }

    fn committee(&mut self, preset: &Preset) -> Result<SyncCommittee, SszError> {
        Ok(SyncCommittee {
            pubkeys: (0..preset.committee_size())
                .map(|_| self.fixed("pubkeys"))
                .collect::<Result<_, _>>()?,
            aggregate_pubkey: self.fixed("aggregate_pubkey")?,
        })
    }

    fn beacon(&mut self) -> Result<BeaconHeader, SszError> {
        Ok(BeaconHeader {
            slot: self.number("slot")?,
            proposer_index: self.number("proposer_index")?,
            parent_root: self.fixed("parent_root")?,
            state_root: self.fixed("state_root")?,
            body_root: self.fixed("body_root")?,
        })
    }

    fn header_or_offset(&mut self, fork: Fork) -> Result<Header, SszError> {
        if fork < Fork::Altair {
            return Err(SszError::BeforeAltair);
        }
        if fork < Fork::Capella {
            return Ok(Header::Here(Box::new(LightClientHeader {
                beacon: self.beacon()?,
                execution: None,
                execution_branch: None,
            })));
        }
        self.offset("header").map(Header::At)
    }

    /// What follows the fields of fixed length, cut at the offsets.
    fn variable<const N: usize>(
        self,
        offsets: [Option<usize>; N],
    ) -> Result<Vec<&'a [u8]>, SszError> {
        let mut expected = self.all.len() - self.rest.len();
        let offsets: Vec<usize> = offsets.into_iter().flatten().collect();
        if offsets.is_empty() && !self.rest.is_empty() {
            return Err(SszError::Trailing {
                container: "the object",
                remaining: self.rest.len(),
            });
        }
        let mut parts = Vec::new();
        for (index, offset) in offsets.iter().enumerate() {
            let got = *offset;
            let wrong = SszError::Offset {
                field: "header",
                got,
                expected,
            };
            if index == 0 && got != expected {
                return Err(wrong);
            }
            let end = offsets.get(index + 1).copied().unwrap_or(self.all.len());
            let part = self.all.get(got..end).ok_or(wrong)?;
            expected = end;
            parts.push(part);
        }
        Ok(parts)
    }
}

fn read_header(bytes: &[u8], fork: Fork) -> Result<LightClientHeader, SszError> {
    let mut fields = Fields::new(bytes);
    let beacon = fields.beacon()?;
    let got = fields.offset("execution")?;
    let execution_branch = fields.branch("execution_branch", 4)?;
    let expected = bytes.len() - fields.rest.len();
    if got != expected {
        return Err(SszError::Offset {
            field: "execution",
            got,
            expected,
        });
    }
    Ok(LightClientHeader {
        beacon,
        execution: Some(read_execution(fields.rest, fork)?),
        execution_branch: Some(execution_branch),
    })
}

fn read_execution(bytes: &[u8], fork: Fork) -> Result<ExecutionPayloadHeader, SszError> {
    let mut fields = Fields::new(bytes);
    let has_blobs = fork >= Fork::Deneb;
    let mut extra_data_at = 0;
    let mut header = ExecutionPayloadHeader {
        parent_hash: fields.fixed("parent_hash")?,
        fee_recipient: fields.fixed("fee_recipient")?,
        state_root: fields.fixed("state_root")?,
        receipts_root: fields.fixed("receipts_root")?,
        logs_bloom: fields.fixed("logs_bloom")?,
        prev_randao: fields.fixed("prev_randao")?,
        block_number: fields.number("block_number")?,
        gas_limit: fields.number("gas_limit")?,
        gas_used: fields.number("gas_used")?,
        timestamp: fields.number("timestamp")?,
        extra_data: {
            extra_data_at += fields.offset("extra_data")?;
            Vec::new()
        },
        base_fee_per_gas: fields.fixed("base_fee_per_gas")?,
        block_hash: fields.fixed("block_hash")?,
        transactions_root: fields.fixed("transactions_root")?,
        withdrawals_root: fields.fixed("withdrawals_root")?,
        blob_gas_used: None,
        excess_blob_gas: None,
    };
    if has_blobs {
        header.blob_gas_used = Some(fields.number("blob_gas_used")?);
        header.excess_blob_gas = Some(fields.number("excess_blob_gas")?);
    }
    let expected = bytes.len() - fields.rest.len();
    if extra_data_at != expected {
        return Err(SszError::Offset {
            field: "extra_data",
            got: extra_data_at,
            expected,
        });
    }
    if fields.rest.len() > EXTRA_DATA {
        return Err(SszError::TooLong {
            field: "extra_data",
            got: fields.rest.len(),
            limit: EXTRA_DATA,
        });
    }
    header.extra_data = fields.rest.to_vec();
    Ok(header)
}
