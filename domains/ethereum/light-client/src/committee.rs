//! `Signers`: the part of a sync committee that a verification needs, bound to the committee's root.
//!
//! Most keys of a committee sign, and their sum is its aggregate key less the absent ones. So only the absent
//! keys are shown, with one multiproof for all of them: going down the tree of keys from its root, left
//! before right, a subtree in which nobody is absent is shown as its root and not entered.

use alloc::vec::Vec;

use valence_coprocessor_ethereum_bls::PublicKey;
use valence_coprocessor_protocol::sha256::message_pair;

use crate::config::LARGEST_COMMITTEE;
use crate::ssz::{Chunk, Hasher};
use crate::{CommitteeError, SyncCommitteeRoot};

const WORDS: usize = LARGEST_COMMITTEE / 64;

/// `sync_committee_bits`: who of a committee signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SyncCommitteeBits {
    words: [u64; WORDS],
    size: usize,
}

impl SyncCommitteeBits {
    /// Takes the bytes of an SSZ bit vector: bit `i` is bit `i % 8` of byte `i / 8`.
    pub fn from_bytes(bytes: &[u8], committee_size: usize) -> Result<Self, CommitteeError> {
        if bytes.len() * 8 != committee_size || bytes.len() > WORDS * 8 {
            return Err(CommitteeError::Bits {
                got: bytes.len() * 8,
                expected: committee_size,
            });
        }
        let mut padded = [0; WORDS * 8];
        padded[..bytes.len()].copy_from_slice(bytes);
        let mut words = [0; WORDS];
        for (word, eight) in words.iter_mut().zip(padded.as_chunks::<8>().0) {
            *word = u64::from_le_bytes(*eight);
        }
        Ok(Self {
            words,
            size: committee_size,
        })
    }

    /// The bytes of an SSZ bit vector.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes: Vec<u8> = self
            .words
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .collect();
        bytes.truncate(self.size / 8);
        bytes
    }

    /// Members of the committee.
    pub const fn committee_size(&self) -> usize {
        self.size
    }

    /// Members that signed.
    pub fn participants(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Members that did not sign.
    pub fn absent(&self) -> usize {
        self.size - self.participants()
    }

    /// Whether a member signed.
    pub fn signed(&self, member: usize) -> bool {
        member < self.size && self.words[member / 64] >> (member % 64) & 1 == 1
    }

    /// Whether all members from `start` on, `length` of them, signed. Both are of a subtree.
    fn all_signed(&self, start: usize, length: usize) -> bool {
        let first = start / 64;
        if length >= 64 {
            return self.words[first..first + length / 64]
                .iter()
                .all(|word| *word == u64::MAX);
        }
        let mask = (1 << length) - 1;
        self.words[first] >> (start % 64) & mask == mask
    }
}

/// What an update shows of the committee that signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signers<'a> {
    /// `aggregate_pubkey`: the sum of all keys.
    pub aggregate_pubkey: PublicKey,
    /// The keys of the members that did not sign, in order.
    pub absent: &'a [PublicKey],
    /// The roots of the subtrees in which everybody signed, from left to right.
    pub siblings: &'a [Chunk],
}

impl Signers<'_> {
    /// The root of the committee that these are of.
    pub(crate) fn committee_root(
        &self,
        hasher: &mut Hasher,
        bits: &SyncCommitteeBits,
    ) -> Result<SyncCommitteeRoot, CommitteeError> {
        let expected = bits.absent();
        if self.absent.len() != expected {
            return Err(CommitteeError::AbsentKeys {
                got: self.absent.len(),
                expected,
            });
        }
        let mut walk = Walk {
            hasher,
            bits,
            absent: self.absent.iter(),
            siblings: self.siblings.iter(),
        };
        let pubkeys =
            walk.subtree(0, bits.committee_size())
                .ok_or(CommitteeError::SiblingMissing {
                    got: self.siblings.len(),
                })?;
        let left = walk.siblings.len();
        if left != 0 {
            return Err(CommitteeError::SiblingsLeft { left });
        }
        let aggregate = key_root(hasher, &self.aggregate_pubkey);
        Ok(SyncCommitteeRoot::from_words(
            hasher.pair(&pubkeys, &aggregate),
        ))
    }
}

/// The multiproof, read from left to right.
struct Walk<'w> {
    hasher: &'w mut Hasher,
    bits: &'w SyncCommitteeBits,
    absent: core::slice::Iter<'w, PublicKey>,
    siblings: core::slice::Iter<'w, Chunk>,
}

impl Walk<'_> {
    /// The root over `length` keys from `start` on; none if siblings run out. At most nine calls deep.
    fn subtree(&mut self, start: usize, length: usize) -> Option<Chunk> {
        if self.bits.all_signed(start, length) {
            return self.siblings.next().copied();
        }
        if length == 1 {
            let key = self.absent.next()?;
            return Some(key_root(self.hasher, key));
        }
        let half = length / 2;
        let left = self.subtree(start, half)?;
        let right = self.subtree(start + half, half)?;
        Some(self.hasher.pair(&left, &right))
    }
}

/// All nodes of a committee's tree of keys, from which multiproofs are cut. Hosts only: 1,024 nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitteeTree {
    /// Node `i` has the children `2i` and `2i + 1`; node 0 is not used.
    nodes: Vec<Chunk>,
}

impl CommitteeTree {
    /// Hashes the keys, whose number must be a power of two up to 512.
    pub fn new(pubkeys: &[PublicKey]) -> Result<Self, CommitteeError> {
        let size = pubkeys.len();
        if !size.is_power_of_two() || size > LARGEST_COMMITTEE {
            return Err(CommitteeError::Keys { got: size });
        }
        let mut hasher = Hasher::new();
        let mut nodes = alloc::vec![[0; 8]; 2 * size];
        for (node, key) in nodes[size..].iter_mut().zip(pubkeys) {
            *node = key_root(&mut hasher, key);
        }
        for index in (1..size).rev() {
            nodes[index] = hasher.pair(&nodes[2 * index], &nodes[2 * index + 1]);
        }
        Ok(Self { nodes })
    }

    /// `hash_tree_root` of the vector of keys.
    pub fn root(&self) -> &Chunk {
        &self.nodes[1]
    }

    /// The siblings that [`Signers`] shows for these bits.
    pub fn siblings(&self, bits: &SyncCommitteeBits) -> Result<Vec<Chunk>, CommitteeError> {
        let size = self.nodes.len() / 2;
        if bits.committee_size() != size {
            return Err(CommitteeError::Bits {
                got: bits.committee_size(),
                expected: size,
            });
        }
        let mut siblings = Vec::new();
        self.collect(bits, 1, size, &mut siblings);
        Ok(siblings)
    }

    fn collect(
        &self,
        bits: &SyncCommitteeBits,
        node: usize,
        length: usize,
        siblings: &mut Vec<Chunk>,
    ) {
        let first_at_depth = self.nodes.len() / 2 / length;
        let start = (node - first_at_depth) * length;
        if bits.all_signed(start, length) {
            siblings.push(self.nodes[node]);
        } else if length > 1 {
            self.collect(bits, 2 * node, length / 2, siblings);
            self.collect(bits, 2 * node + 1, length / 2, siblings);
        }
    }
}

/// `hash_tree_root` of a `SyncCommittee` with all its keys; hosts only.
pub fn sync_committee_root(
    pubkeys: &[PublicKey],
    aggregate_pubkey: &PublicKey,
) -> Result<SyncCommitteeRoot, CommitteeError> {
    let tree = CommitteeTree::new(pubkeys)?;
    let mut hasher = Hasher::new();
    let aggregate = key_root(&mut hasher, aggregate_pubkey);
    Ok(SyncCommitteeRoot::from_words(
        hasher.pair(tree.root(), &aggregate),
    ))
}

/// `hash_tree_root` of 48 bytes: two chunks.
fn key_root(hasher: &mut Hasher, key: &PublicKey) -> Chunk {
    let mut chunks = [0; 16];
    let pairs = chunks.as_chunks_mut::<2>().0;
    // Keys in a witness are aligned; without the cast a word would be assembled from eight single loads.
    if let Ok(aligned) = bytemuck::try_cast_ref::<[u8; 48], [u64; 6]>(&key.0) {
        for (pair, word) in pairs.iter_mut().zip(aligned) {
            *pair = message_pair(u64::from_le(*word));
        }
    } else {
        for (pair, bytes) in pairs.iter_mut().zip(key.0.as_chunks::<8>().0) {
            *pair = message_pair(u64::from_le_bytes(*bytes));
        }
    }
    let (halves, _) = chunks.as_chunks::<8>();
    hasher.pair(&halves[0], &halves[1])
}
