//! Validators with real keys, the sync committees that they form, and their signatures.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use alloy_primitives::{B256, U256, uint};
use blst::min_pk::SecretKey;
use serde::{Deserialize, Serialize};
use ssz_types::BitVector;
use tree_hash::TreeHash as _;

use crate::{
    DevnetError, Preset,
    containers::{
        PublicKeyBytes, Shape, SignatureBytes, SyncAggregate, SyncCommittee, Validator,
        Validators as Registry, with_shape,
    },
    fork::FAR_FUTURE_EPOCH,
    merkle::sha256,
};

/// Ciphersuite of proof-of-possession signatures (phase 0, "BLS signatures").
pub const SIGNATURE_SUITE: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Order of the group that secret keys are numbers of.
const CURVE_ORDER: U256 =
    uint!(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001_U256);

/// `MAX_EFFECTIVE_BALANCE`, in gwei.
const STAKE: u64 = 32_000_000_000;

/// How many members of a committee sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Participation {
    /// All.
    #[default]
    Full,
    /// As few as make a supermajority: the smallest number n with 3n ≥ 2 × size.
    TwoThirds,
    /// This many; more than there are means all.
    Count(usize),
}

impl Participation {
    /// The number of signers in a committee of `size`.
    pub fn signers(self, size: usize) -> usize {
        match self {
            Self::Full => size,
            Self::TwoThirds => (2 * size).div_ceil(3),
            Self::Count(count) => count.min(size),
        }
    }
}

/// A sync committee.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committee {
    /// Which validators, seat by seat.
    pub members: Vec<usize>,
    /// Their keys, seat by seat.
    pub pubkeys: Vec<PublicKeyBytes>,
    /// The sum of the keys.
    pub aggregate_pubkey: PublicKeyBytes,
    /// Hash tree root of the container.
    pub root: B256,
}

impl Committee {
    /// As a container.
    pub(crate) fn container<S: Shape>(&self) -> Result<SyncCommittee<S>, DevnetError> {
        container(&self.pubkeys, &self.aggregate_pubkey)
    }
}

/// Who signed, and the sum of their signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// For each seat, whether its member signed.
    pub bits: Vec<bool>,
    /// The signature.
    pub signature: SignatureBytes,
}

impl Aggregate {
    /// The number of signers.
    pub fn signers(&self) -> usize {
        self.bits.iter().filter(|bit| **bit).count()
    }
}

impl Aggregate {
    /// Of nobody, in a committee of `size`.
    pub(crate) fn empty(size: usize) -> Self {
        Self {
            bits: vec![false; size],
            signature: point_at_infinity(),
        }
    }

    /// As a container.
    pub(crate) fn container<S: Shape>(&self) -> Result<SyncAggregate<S>, DevnetError> {
        let mut sync_committee_bits = BitVector::new();
        for (seat, bit) in self.bits.iter().enumerate() {
            sync_committee_bits
                .set(seat, *bit)
                .map_err(DevnetError::container)?;
        }
        Ok(SyncAggregate {
            sync_committee_bits,
            sync_committee_signature: self.signature.clone(),
        })
    }

    pub(crate) fn root(&self, preset: Preset) -> Result<B256, DevnetError> {
        // The container is the same in every fork.
        with_shape!(preset, Fork::Electra, S => Ok(self.container::<S>()?.tree_hash_root()))
    }
}

/// All validators of the chain. Each has the same stake and never leaves.
pub struct Validators {
    preset: Preset,
    seed: B256,
    keys: Vec<(SecretKey, PublicKeyBytes)>,
    registry_root: B256,
    committees: Mutex<HashMap<u64, Arc<Committee>>>,
}

impl fmt::Debug for Validators {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Validators")
            .field("preset", &self.preset)
            .field("count", &self.keys.len())
            .finish_non_exhaustive()
    }
}

impl Validators {
    /// `count` validators, whose keys follow from `seed`.
    pub fn new(preset: Preset, seed: B256, count: usize) -> Result<Self, DevnetError> {
        if count == 0 {
            return Err(DevnetError::NoValidators);
        }
        let keys: Vec<(SecretKey, PublicKeyBytes)> = (0..count)
            .map(|index| {
                let material = sha256(&[b"key", seed.as_slice(), &index.to_le_bytes()]);
                let secret =
                    SecretKey::key_gen(material.as_slice(), &[]).expect("32 bytes are enough");
                let public = PublicKeyBytes::from(secret.sk_to_pk().to_bytes());
                (secret, public)
            })
            .collect();
        let registry: Vec<Validator> = keys
            .iter()
            .map(|(_, pubkey)| Validator {
                pubkey: pubkey.clone(),
                withdrawal_credentials: B256::ZERO,
                effective_balance: STAKE,
                slashed: false,
                activation_eligibility_epoch: 0,
                activation_epoch: 0,
                exit_epoch: FAR_FUTURE_EPOCH,
                withdrawable_epoch: FAR_FUTURE_EPOCH,
            })
            .collect();
        let registry = Registry::new(registry).map_err(DevnetError::container)?;
        Ok(Self {
            preset,
            seed,
            keys,
            registry_root: registry.tree_hash_root(),
            committees: Mutex::default(),
        })
    }

    /// Root of the registry, which never changes: `genesis_validators_root`.
    pub fn registry_root(&self) -> B256 {
        self.registry_root
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.keys.len()
    }

    /// The committee of a period: the validators, shuffled by period. Where there are fewer than
    /// seats, some have several.
    pub fn committee(&self, period: u64) -> Result<Arc<Committee>, DevnetError> {
        let mut committees = self
            .committees
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(committee) = committees.get(&period) {
            return Ok(committee.clone());
        }
        let committee = Arc::new(self.elect(period)?);
        committees.insert(period, committee.clone());
        Ok(committee)
    }

    /// The signature over `signing_root` of as many members as `participation` says; who is absent
    /// depends on what is signed.
    pub fn sign(
        &self,
        committee: &Committee,
        participation: Participation,
        signing_root: B256,
    ) -> Aggregate {
        let size = committee.members.len();
        let seats = shuffled(size, &[b"present", signing_root.as_slice()]);
        let mut bits = vec![false; size];
        for seat in seats.into_iter().take(participation.signers(size)) {
            bits[seat] = true;
        }
        self.sign_as(committee, bits, signing_root)
    }

    /// The signature over `signing_root` of exactly these seats.
    pub fn sign_as(&self, committee: &Committee, bits: Vec<bool>, signing_root: B256) -> Aggregate {
        let seats = bits.iter().zip(&committee.members);
        let members = seats.filter(|(bit, _)| **bit).map(|(_, member)| *member);
        let signature = self.sign_together(members, signing_root);
        Aggregate { bits, signature }
    }

    /// One validator's signature.
    pub fn sign_alone(&self, validator: usize, signing_root: B256) -> SignatureBytes {
        self.sign_together(std::iter::once(validator % self.keys.len()), signing_root)
    }

    /// The sum of signatures of one message is the signature under the sum of the keys.
    fn sign_together(
        &self,
        members: impl Iterator<Item = usize>,
        signing_root: B256,
    ) -> SignatureBytes {
        let Some(secret) = self.sum(members) else {
            return point_at_infinity();
        };
        let signature = secret.sign(signing_root.as_slice(), SIGNATURE_SUITE, &[]);
        SignatureBytes::from(signature.to_bytes())
    }

    /// The sum of secret keys; nothing if it is zero, as the sum of none is.
    fn sum(&self, members: impl Iterator<Item = usize>) -> Option<SecretKey> {
        let sum = members.fold(U256::ZERO, |sum, member| {
            let secret = U256::from_be_bytes(self.keys[member].0.to_bytes());
            sum.add_mod(secret, CURVE_ORDER)
        });
        SecretKey::from_bytes(&sum.to_be_bytes::<32>()).ok()
    }

    fn elect(&self, period: u64) -> Result<Committee, DevnetError> {
        let order = shuffled(
            self.keys.len(),
            &[b"committee", self.seed.as_slice(), &period.to_le_bytes()],
        );
        let members: Vec<usize> = order
            .into_iter()
            .cycle()
            .take(self.preset.committee_size())
            .collect();
        let pubkeys: Vec<PublicKeyBytes> = members
            .iter()
            .map(|member| self.keys[*member].1.clone())
            .collect();
        let secret = self.sum(members.iter().copied());
        let secret = secret.ok_or(DevnetError::CommitteeWithoutKey { period })?;
        let aggregate_pubkey = PublicKeyBytes::from(secret.sk_to_pk().to_bytes());
        // The container is the same in every fork.
        let root = with_shape!(self.preset, Fork::Electra, S => {
            container::<S>(&pubkeys, &aggregate_pubkey)?.tree_hash_root()
        });
        Ok(Committee {
            members,
            pubkeys,
            aggregate_pubkey,
            root,
        })
    }
}

fn container<S: Shape>(
    pubkeys: &[PublicKeyBytes],
    aggregate_pubkey: &PublicKeyBytes,
) -> Result<SyncCommittee<S>, DevnetError> {
    Ok(SyncCommittee {
        pubkeys: pubkeys
            .to_vec()
            .try_into()
            .map_err(DevnetError::container)?,
        aggregate_pubkey: aggregate_pubkey.clone(),
    })
}

/// The numbers below `count` in an order that follows from `seed`.
fn shuffled(count: usize, seed: &[&[u8]]) -> Vec<usize> {
    let seed = sha256(seed);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_cached_key(|number| sha256(&[seed.as_slice(), &number.to_le_bytes()]));
    order
}

/// The signature of nobody: `G2_POINT_AT_INFINITY`.
fn point_at_infinity() -> SignatureBytes {
    let mut bytes = [0; 96];
    bytes[0] = 0xc0;
    SignatureBytes::from(bytes)
}
