//! SSZ trees against one that is built with another SHA-256, node by node.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use valence_coprocessor_ethereum_light_client::{
    BeaconBlockHeader, BlockRoot, GeneralizedIndex, Hasher, bytes_chunk, chunk_bytes, merkleize,
    number_chunk,
};

fn parent(left: [u8; 32], right: [u8; 32]) -> [u8; 32] {
    Sha256::digest([left, right].concat()).into()
}

fn naive_root(mut chunks: Vec<[u8; 32]>, depth: usize) -> [u8; 32] {
    chunks.resize(1 << depth, [0; 32]);
    while chunks.len() > 1 {
        chunks = chunks
            .chunks(2)
            .map(|pair| parent(pair[0], pair[1]))
            .collect();
    }
    chunks[0]
}

proptest! {
    #[test]
    fn a_tree_is_filled_up_with_zeros(
        (depth, chunks) in (0_usize..=9).prop_flat_map(|depth| {
            (Just(depth), prop::collection::vec(any::<[u8; 32]>(), 1..=1 << depth))
        }),
    ) {
        let mut words: Vec<_> = chunks.iter().map(|chunk| bytes_chunk(chunk)).collect();
        let root = merkleize(&mut Hasher::new(), &mut words, depth);
        prop_assert_eq!(chunk_bytes(&root), naive_root(chunks, depth));
    }

    #[test]
    fn a_header_has_five_fields(slot: u64, proposer: u64, roots: [[u8; 32]; 3]) {
        let number = |number: u64| {
            let mut chunk = [0; 32];
            chunk[..8].copy_from_slice(&number.to_le_bytes());
            chunk
        };
        prop_assert_eq!(chunk_bytes(&number_chunk(slot)), number(slot));
        let header = BeaconBlockHeader {
            slot,
            proposer_index: proposer,
            parent_root: BlockRoot::from_bytes(&roots[0]),
            state_root: bytes_chunk(&roots[1]),
            body_root: bytes_chunk(&roots[2]),
        };
        let chunks = vec![number(slot), number(proposer), roots[0], roots[1], roots[2]];
        prop_assert_eq!(header.hash_tree_root(&mut Hasher::new()).to_bytes(), naive_root(chunks, 3));
    }
}

/// The depths that the specifications name for each index.
#[test]
fn indices_have_the_depths_of_the_specifications() {
    let depths = [
        (GeneralizedIndex::FINALIZED_ROOT, 105, 6),
        (GeneralizedIndex::CURRENT_SYNC_COMMITTEE, 54, 5),
        (GeneralizedIndex::NEXT_SYNC_COMMITTEE, 55, 5),
        (GeneralizedIndex::FINALIZED_ROOT_ELECTRA, 169, 7),
        (GeneralizedIndex::CURRENT_SYNC_COMMITTEE_ELECTRA, 86, 6),
        (GeneralizedIndex::NEXT_SYNC_COMMITTEE_ELECTRA, 87, 6),
        (GeneralizedIndex::EXECUTION_PAYLOAD, 25, 4),
    ];
    for (index, number, depth) in depths {
        assert_eq!((index.number(), index.depth()), (number, depth));
    }
}
