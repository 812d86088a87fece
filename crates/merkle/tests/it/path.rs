//! Paths fold to the root of the model, and only for their own key.

use proptest::prelude::*;
use valence_coprocessor_merkle::{Key, Node, NodeStates, Path, PathError, PathRef};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_protocol::sha256::Compression;

use crate::model::{Leaves, TAG, node, root_and_path};

static STATES: NodeStates<64> = NodeStates::new(TAG);
static LONG_STATES: NodeStates<256> = NodeStates::new(TAG);

fn leaves(keys: &std::collections::BTreeSet<u64>) -> Leaves<u64> {
    let leaf = |(position, key): (u32, &u64)| (*key, Node::from_words([position; 8]));
    (1..).zip(keys).map(leaf).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_key_folds_to_the_root(
        keys in prop::collection::btree_set(prop_oneof![0..40u64, any::<u64>()], 1..30),
        other: u64,
    ) {
        let leaves = leaves(&keys);
        let newest = keys.last().copied();
        for (key, leaf) in &leaves {
            let (root, path) = root_and_path(&leaves, key);
            let path = path.as_path_ref();
            let fold = |key: &u64| path.fold(&STATES, &mut Compression::new(), key, *leaf);
            prop_assert_eq!(fold(key), Ok(root));
            prop_assert_eq!(path.is_rightmost(key), Some(*key) == newest);
            let same_sides = path.indices().iter().all(|index| key.bit(*index) == other.bit(*index));
            prop_assert_eq!(fold(&other) == Ok(root), same_sides);
        }
    }

    #[test]
    fn nodes_are_states_of_sha256(index: u8, left: [u32; 8], right: [u32; 8]) {
        let (left, right) = (Node::from_words(left), Node::from_words(right));
        let made = LONG_STATES.node(&mut Compression::new(), index, &left, &right);
        prop_assert_eq!(made, Some(node(index, &left, &right)));
    }

    #[test]
    fn bits_and_partings_are_those_of_the_bytes(left: [u8; 32], right: [u8; 32], keep in 0..32usize) {
        let mut right = right;
        right[..keep].copy_from_slice(&left[..keep]);
        let bit = |bytes: &[u8; 32], index: usize| bytes[index / 8] >> (7 - index % 8) & 1 == 1;
        let first = (0..256).find(|index| bit(&left, *index) != bit(&right, *index));
        let (one, other) = (DomainId::from_bytes(left), DomainId::from_bytes(right));
        prop_assert_eq!(one.parting(&other).map(usize::from), first);
        for index in 0..=255u8 {
            prop_assert_eq!(one.bit(index), bit(&left, usize::from(index)));
        }
        let (_, number) = left.split_last_chunk::<8>().expect("32 bytes");
        let number = u64::from_be_bytes(*number);
        for index in 0..64u8 {
            prop_assert_eq!(number.bit(index), bit(&left, 192 + usize::from(index)));
        }
    }
}

#[test]
fn attack_a8_malformed_paths_have_names() {
    let siblings = [[1; 8]; 65];
    let check =
        |indices: &[u8], count: usize| PathRef::new(indices, &siblings[..count]).check::<u64>();
    assert_eq!(check(&[1, 2], 2), Ok(()));
    assert_eq!(
        check(&[1, 2], 1),
        Err(PathError::Uneven {
            indices: 2,
            siblings: 1
        })
    );
    assert_eq!(
        check(&[1, 1], 2),
        Err(PathError::NotRising {
            previous: 1,
            index: 1
        })
    );
    assert_eq!(
        check(&[2, 1], 2),
        Err(PathError::NotRising {
            previous: 2,
            index: 1
        })
    );
    assert_eq!(
        check(&[2, 64], 2),
        Err(PathError::OutOfRange {
            index: 64,
            limit: 64
        })
    );
    let all: Vec<u8> = (0..65).collect();
    assert_eq!(check(&all[..64], 64), Ok(()));
    assert_eq!(
        check(&all, 65),
        Err(PathError::TooLong { got: 65, limit: 64 })
    );
    let empty = Path::EMPTY;
    assert!(empty.as_path_ref().is_empty() && empty.as_path_ref().is_rightmost(&0u64));
}
