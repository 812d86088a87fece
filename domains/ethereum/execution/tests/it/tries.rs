//! The trie of a list: its root is alloy's, and its nodes prove what is there and what is not.

use alloy_primitives::{B256, keccak256};
use alloy_rlp::BufMut as _;
use valence_coprocessor_ethereum_execution::list_nodes;

/// Entries of lengths that stand in their leaf's parent, beside it, and long.
fn list(count: usize) -> Vec<Vec<u8>> {
    let lengths = [1, 3, 20, 27, 31, 32, 33, 60, 300];
    (0..count)
        .map(|at| vec![u8::try_from(at % 251).expect("small") + 1; lengths[at % lengths.len()]])
        .collect()
}

#[test]
fn the_root_is_that_of_another_implementation() {
    for count in [
        1, 2, 3, 15, 16, 17, 18, 127, 128, 129, 130, 255, 256, 257, 700,
    ] {
        let list = list(count);
        let root = alloy_trie::root::ordered_trie_root_with_encoder(&list, |entry, out| {
            out.put_slice(entry);
        });
        for number in [0, count as u64 / 2, count as u64, u64::MAX] {
            let nodes = list_nodes(&list, &[number]);
            assert_eq!(keccak256(&nodes[0]), root, "{count}, {number}");
        }
    }
}

#[test]
fn no_list_has_no_nodes_and_no_number_the_root_of_none() {
    assert!(list_nodes(&[], &[0, 1]).is_empty());
    assert!(list_nodes(&list(3), &[]).is_empty());
}

/// Each node of a way is named by the one before, so that nothing of it is left over.
#[test]
fn a_way_holds_the_nodes_that_lead_to_its_end() {
    let list: Vec<_> = (0..300_u64).map(|at| at.to_be_bytes().repeat(8)).collect();
    for number in [0, 1, 127, 128, 255, 256, 299] {
        let nodes = list_nodes(&list, &[number]);
        for pair in nodes.windows(2) {
            let named = B256::from(keccak256(&pair[1]));
            assert!(
                pair[0].windows(32).any(|window| window == named.as_slice()),
                "{number}"
            );
        }
        let value = number.to_be_bytes().repeat(8);
        let last = nodes.last().expect("a leaf");
        assert!(last.ends_with(&value), "{number}");
    }
}
