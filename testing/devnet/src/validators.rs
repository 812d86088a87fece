//! Validators with real keys, the sync committees that they form, and their signatures.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use alloy_primitives::{B256, U256, uint};
use blst::min_pk::SecretKey;
use tree_hash::TreeHash as _;

use crate::{
    Aggregate, Committee, DevnetError, Participation, Preset,
    containers::{PublicKeyBytes, SignatureBytes, Validator, Validators as Registry, with_shape},
    fork::FAR_FUTURE_EPOCH,
    merkle::sha256,
    sync_committee::{container, point_at_infinity},
};

/// Ciphersuite of proof-of-possession signatures (phase 0, "BLS signatures").
pub const SIGNATURE_SUITE: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// Order of the group that secret keys are numbers of.
const CURVE_ORDER: U256 =
    uint!(0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001_U256);

/// `MAX_EFFECTIVE_BALANCE`, in gwei.
const STAKE: u64 = 32_000_000_000;

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
        let keys = (0..count)
            .map(|index| key_pair(seed, index))
            .collect::<Result<Vec<_>, _>>()?;
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

fn key_pair(seed: B256, index: usize) -> Result<(SecretKey, PublicKeyBytes), DevnetError> {
    let material = sha256(&[b"key", seed.as_slice(), &index.to_le_bytes()]);
    let secret = SecretKey::key_gen(material.as_slice(), &[])
        .map_err(|reason| DevnetError::Key { index, reason })?;
    let public = PublicKeyBytes::from(secret.sk_to_pk().to_bytes());
    Ok((secret, public))
}

/// The numbers below `count` in an order that follows from `seed`.
fn shuffled(count: usize, seed: &[&[u8]]) -> Vec<usize> {
    let seed = sha256(seed);
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_cached_key(|number| sha256(&[seed.as_slice(), &number.to_le_bytes()]));
    order
}
