//! The SSZ types of whole blocks (consensus specifications, `beacon-chain.md` of each fork).

use valence_coprocessor_ethereum_light_client::Fork;

use crate::ssz_type::Type;
use crate::ssz_type::Type::{Bits, ByteList, Bytes, Numbers, Vector};

const NUMBER: Type = Bytes(8);
const ROOT: Type = Bytes(32);
const KEY: Type = Bytes(48);
const SIGNATURE: Type = Bytes(96);
const ADDRESS: Type = Bytes(20);

/// Which of the fields of a body is its execution payload.
pub(crate) const EXECUTION_PAYLOAD: usize = 9;

/// What differs between presets, as far as blocks show it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    sync_committee_size: usize,
    committees_per_slot: u64,
    withdrawals: u64,
    blobs: u64,
    deposit_requests: u64,
    withdrawal_requests: u64,
}

impl Limits {
    pub(crate) const MAINNET: Self = Self {
        sync_committee_size: 512,
        committees_per_slot: 64,
        withdrawals: 16,
        blobs: 4096,
        deposit_requests: 8192,
        withdrawal_requests: 16,
    };
    pub(crate) const MINIMAL: Self = Self {
        sync_committee_size: 32,
        committees_per_slot: 4,
        withdrawals: 4,
        blobs: 4096,
        deposit_requests: 4,
        withdrawal_requests: 2,
    };
}

/// `SignedBeaconBlock`.
pub(crate) fn signed_block(fork: Fork, limits: Limits) -> Type {
    let block = [NUMBER, NUMBER, ROOT, ROOT, body(fork, limits)];
    Type::container(&[Type::container(&block), SIGNATURE])
}

/// `BeaconBlockBody`, from Capella.
pub(crate) fn body(fork: Fork, limits: Limits) -> Type {
    let is_electra = fork >= Fork::Electra;
    let header = Type::container(&[NUMBER, NUMBER, ROOT, ROOT, ROOT]);
    let signed_header = Type::container(&[header, SIGNATURE]);
    let deposit = Type::container(&[KEY, ROOT, NUMBER, SIGNATURE]);
    let exit = Type::container(&[NUMBER, NUMBER]);
    let change = Type::container(&[NUMBER, KEY, ADDRESS]);
    let (attestations, slashings) = if is_electra { (8, 1) } else { (128, 2) };
    let mut fields = vec![
        SIGNATURE,
        Type::container(&[ROOT, NUMBER, ROOT]),
        ROOT,
        Type::list(&[signed_header.clone(), signed_header], 16),
        attester_slashings(is_electra, limits, slashings),
        Type::List(Box::new(attestation(is_electra, limits)), attestations),
        Type::list(&[Vector(Box::new(ROOT), 33), deposit], 16),
        Type::list(&[exit, SIGNATURE], 16),
        Type::container(&[Bytes(limits.sync_committee_size / 8), SIGNATURE]),
        payload(fork, limits),
        Type::list(&[change, SIGNATURE], 16),
    ];
    if fork >= Fork::Deneb {
        fields.push(Type::List(Box::new(KEY), limits.blobs));
    }
    if is_electra {
        fields.push(Type::container(&[
            Type::list(
                &[KEY, ROOT, NUMBER, SIGNATURE, NUMBER],
                limits.deposit_requests,
            ),
            Type::list(&[ADDRESS, KEY, NUMBER], limits.withdrawal_requests),
            Type::list(&[ADDRESS, KEY, KEY], 2),
        ]));
    }
    Type::container(&fields)
}

/// `ExecutionPayload`.
pub(crate) fn payload(fork: Fork, limits: Limits) -> Type {
    let mut fields = vec![
        ROOT,
        ADDRESS,
        ROOT,
        ROOT,
        Bytes(256),
        ROOT,
        NUMBER,
        NUMBER,
        NUMBER,
        NUMBER,
        ByteList(32),
        ROOT,
        ROOT,
        Type::List(Box::new(ByteList(1 << 30)), 1 << 20),
        Type::list(&[NUMBER, NUMBER, ADDRESS, NUMBER], limits.withdrawals),
    ];
    if fork >= Fork::Deneb {
        fields.extend([NUMBER, NUMBER]);
    }
    Type::container(&fields)
}

fn attestation_data() -> Type {
    let checkpoint = Type::container(&[NUMBER, ROOT]);
    Type::container(&[NUMBER, NUMBER, ROOT, checkpoint.clone(), checkpoint])
}

/// Validators that an attestation may name: since Electra, those of all committees of a slot.
fn attesters(is_electra: bool, limits: Limits) -> u64 {
    if is_electra {
        2048 * limits.committees_per_slot
    } else {
        2048
    }
}

fn attestation(is_electra: bool, limits: Limits) -> Type {
    let bits = Bits(attesters(is_electra, limits));
    let mut fields = vec![bits, attestation_data(), SIGNATURE];
    if is_electra {
        let committees = usize::try_from(limits.committees_per_slot).expect("small");
        fields.push(Bytes(committees.div_ceil(8)));
    }
    Type::container(&fields)
}

fn attester_slashings(is_electra: bool, limits: Limits, limit: u64) -> Type {
    let indices = Numbers(attesters(is_electra, limits));
    let indexed = Type::container(&[indices, attestation_data(), SIGNATURE]);
    Type::list(&[indexed.clone(), indexed], limit)
}
