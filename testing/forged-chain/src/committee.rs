//! What a forged chain is made of: committees with real keys, and trees in which all but the proven nodes are made up.

use std::collections::BTreeMap;

use blst::min_pk::{AggregatePublicKey, AggregateSignature, SecretKey};
use valence_coprocessor_ethereum_beacon::{Bytes, SyncCommittee};
use valence_coprocessor_ethereum_light_client::{Chunk, Hasher, bytes_chunk, chunk_bytes};

/// Signatures as the beacon chain has them.
const CIPHERSUITE: &[u8] = b"BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_";

/// The keys of the committee of a period.
#[derive(Debug)]
pub struct Committee {
    secrets: Vec<SecretKey>,
    /// What the chain says of it.
    pub public: SyncCommittee,
}

impl Committee {
    /// Another committee of 32 for each number.
    pub fn of_period(period: u64) -> Self {
        Self::of_size(period, 32)
    }

    /// The same of another size.
    pub fn of_size(period: u64, size: usize) -> Self {
        let secret = |member: u64| {
            let mut seed = [7; 32];
            seed[..8].copy_from_slice(&period.to_le_bytes());
            seed[8..16].copy_from_slice(&member.to_le_bytes());
            SecretKey::key_gen(&seed, &[]).expect("32 bytes of seed")
        };
        let secrets: Vec<_> = (0..size as u64).map(secret).collect();
        let keys: Vec<_> = secrets.iter().map(SecretKey::sk_to_pk).collect();
        let sum = AggregatePublicKey::aggregate(&keys.iter().collect::<Vec<_>>(), false)
            .expect("keys are points");
        let public = SyncCommittee {
            pubkeys: keys.iter().map(|key| Bytes(key.compress())).collect(),
            aggregate_pubkey: Bytes(sum.to_public_key().compress()),
        };
        Self { secrets, public }
    }

    /// What these members sign together.
    pub fn sign(&self, members: &[usize], message: &[u8; 32]) -> [u8; 96] {
        let sign = |member: &usize| self.secrets[*member].sign(message, CIPHERSUITE, &[]);
        let signatures: Vec<_> = members.iter().map(sign).collect();
        AggregateSignature::aggregate(&signatures.iter().collect::<Vec<_>>(), false)
            .expect("somebody signs")
            .to_signature()
            .compress()
    }
}

/// An SSZ tree of which some nodes are known and all others made up.
#[derive(Debug, Default)]
pub struct Tree(BTreeMap<u32, Chunk>);

impl Tree {
    /// A tree with a node at a generalized index.
    #[must_use]
    pub fn with(mut self, index: u32, chunk: Chunk) -> Self {
        self.0.insert(index, chunk);
        self
    }

    /// The node at a generalized index.
    pub fn node(&self, index: u32) -> Chunk {
        match self.0.get(&index) {
            Some(chunk) => *chunk,
            None if index >= 128 => bytes_chunk(&index.to_le_bytes()),
            None => Hasher::new().pair(&self.node(2 * index), &self.node(2 * index + 1)),
        }
    }

    /// The branch from an index to the root, lowest first.
    pub fn branch(&self, mut index: u32) -> Vec<Bytes<32>> {
        let mut branch = Vec::new();
        while index > 1 {
            branch.push(Bytes(chunk_bytes(&self.node(index ^ 1))));
            index /= 2;
        }
        branch
    }
}
