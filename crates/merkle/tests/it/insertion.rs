//! Insertions in random order against the tree computed from scratch.

use proptest::prelude::*;
use valence_coprocessor_merkle::{InsertionError, Key, Node, NodeStates, insert};
use valence_coprocessor_protocol::DomainId;
use valence_coprocessor_protocol::sha256::Compression;

use crate::model::{Leaves, TAG, root_and_path};

static STATES: NodeStates<256> = NodeStates::new(TAG);

fn leaf(position: usize) -> Node {
    let position = u32::try_from(position).expect("few leaves");
    Node::from_words([position + 1; 8])
}

/// Inserts beside every present key: the honest ones give the roots of the model, others are refused.
fn check<K: Key + Ord + std::fmt::Debug>(keys: &[K]) -> Result<(), TestCaseError> {
    let mut leaves = Leaves::new();
    for (position, key) in keys.iter().enumerate() {
        let mut after = leaves.clone();
        after.insert(*key, leaf(position));
        let mut accepted = 0;
        for (present, present_leaf) in &leaves {
            let (before_root, path) = root_and_path(&leaves, present);
            let mut compression = Compression::new();
            let inserted = insert(
                &STATES,
                &mut compression,
                (present, *present_leaf),
                &path.as_path_ref(),
                key,
                leaf(position),
            );
            match inserted {
                Ok(insertion) => {
                    prop_assert_eq!(insertion.before, before_root);
                    prop_assert_eq!(insertion.after, root_and_path(&after, key).0);
                    accepted += 1;
                }
                Err(InsertionError::AlreadyPresent) => prop_assert_eq!(present, key),
                Err(InsertionError::NodeWhereKeysPart { index }) => {
                    prop_assert_ne!(present.bit(index), key.bit(index));
                    let nearer = leaves
                        .keys()
                        .any(|other| (0..=index).all(|index| other.bit(index) == key.bit(index)));
                    prop_assert!(
                        nearer,
                        "no key agrees further, yet the insertion is refused"
                    );
                }
                Err(error) => prop_assert!(false, "{}", error),
            }
        }
        let absent = !leaves.contains_key(key);
        prop_assert_eq!(accepted > 0, absent && !leaves.is_empty());
        leaves.entry(*key).or_insert_with(|| leaf(position));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn numbers_in_any_order(keys in prop::collection::vec(prop_oneof![0..20u64, any::<u64>()], 1..20)) {
        check(&keys)?;
    }

    #[test]
    fn identifiers_that_share_prefixes(
        keys in prop::collection::vec((any::<u8>(), 0..32usize), 1..16),
    ) {
        let identifier = |(byte, position): (u8, usize)| {
            let mut bytes = [0x55; 32];
            bytes[position] = byte;
            DomainId::from_bytes(bytes)
        };
        check(&keys.into_iter().map(identifier).collect::<Vec<_>>())?;
    }
}
