//! The multiproof of absent keys, which only [`Signers`] of the right committee and the right bits satisfy, seen through
//! the encoder's half of it. The verifier's half is private; recorded updates go through it in crate `beacon`.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use valence_coprocessor_ethereum_light_client::{
    CommitteeError, CommitteeTree, PublicKey, SyncCommitteeBits, chunk_bytes, sync_committee_root,
};

fn keys(count: usize) -> Vec<PublicKey> {
    (0..count)
        .map(|index| {
            let mut key = [0; 48];
            key[..8].copy_from_slice(&index.to_le_bytes());
            key[47] = 9;
            PublicKey(key)
        })
        .collect()
}

fn parent(left: &[u8], right: &[u8]) -> Vec<u8> {
    Sha256::digest([left, right].concat()).to_vec()
}

fn key_root(key: &PublicKey) -> Vec<u8> {
    parent(&key.0[..32], &[&key.0[32..], &[0; 16]].concat())
}

fn range_root(keys: &[PublicKey]) -> Vec<u8> {
    if let [key] = keys {
        return key_root(key);
    }
    let (left, right) = keys.split_at(keys.len() / 2);
    parent(&range_root(left), &range_root(right))
}

/// The largest aligned ranges in which everybody signed, from left to right.
fn present_ranges(bits: &SyncCommitteeBits, start: usize, length: usize) -> Vec<(usize, usize)> {
    if (start..start + length).all(|member| bits.signed(member)) {
        return vec![(start, length)];
    }
    if length == 1 {
        return Vec::new();
    }
    let half = length / 2;
    let mut ranges = present_ranges(bits, start, half);
    ranges.extend(present_ranges(bits, start + half, half));
    ranges
}

proptest! {
    #[test]
    fn siblings_are_the_roots_of_whole_subtrees(
        bytes in (3_u32..=9).prop_flat_map(|log| prop::collection::vec(any::<u8>(), (1_usize << log) / 8)),
    ) {
        let size = bytes.len() * 8;
        let keys = keys(size);
        let bits = SyncCommitteeBits::from_bytes(&bytes, size).expect("bits of the committee");
        prop_assert_eq!(bits.to_bytes(), bytes);
        prop_assert_eq!(bits.participants() + bits.absent(), size);
        let tree = CommitteeTree::new(&keys).expect("a power of two");
        let siblings = tree.siblings(&bits).expect("bits of the committee");
        let expected: Vec<_> = present_ranges(&bits, 0, size)
            .into_iter()
            .map(|(start, length)| range_root(&keys[start..start + length]))
            .collect();
        let siblings: Vec<_> = siblings.iter().map(|node| chunk_bytes(node).to_vec()).collect();
        prop_assert_eq!(siblings, expected);
    }
}

#[test]
fn the_root_is_that_of_keys_and_aggregate() {
    let keys = keys(32);
    let root = sync_committee_root(&keys, &keys[3]).expect("a power of two");
    assert_eq!(
        root.to_bytes().to_vec(),
        parent(&range_root(&keys), &key_root(&keys[3]))
    );
}

#[test]
fn bits_and_keys_of_other_sizes_are_refused() {
    let bits = |bytes: &[u8], size| SyncCommitteeBits::from_bytes(bytes, size);
    assert_eq!(
        bits(&[0xff; 4], 512),
        Err(CommitteeError::Bits {
            got: 32,
            expected: 512
        })
    );
    assert_eq!(
        bits(&[0xff; 65], 520),
        Err(CommitteeError::Bits {
            got: 520,
            expected: 520
        })
    );
    assert_eq!(
        CommitteeTree::new(&keys(31)),
        Err(CommitteeError::Keys { got: 31 })
    );
    assert_eq!(
        CommitteeTree::new(&[]),
        Err(CommitteeError::Keys { got: 0 })
    );
    assert_eq!(
        CommitteeTree::new(&keys(1024)),
        Err(CommitteeError::Keys { got: 1024 })
    );
}
