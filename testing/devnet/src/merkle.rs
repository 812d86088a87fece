//! Binary Merkle trees of SHA-256 over 2ⁿ chunks, and branches in them (`ssz/merkle-proofs.md`).

use alloy_primitives::B256;
use sha2::{Digest as _, Sha256};

/// SHA-256 of several pieces.
pub(crate) fn sha256(pieces: &[&[u8]]) -> B256 {
    let mut hash = Sha256::new();
    for piece in pieces {
        hash.update(piece);
    }
    B256::from_slice(&hash.finalize())
}

/// The root over `leaves`, filled up with zero chunks to the next power of two.
pub fn root(leaves: &[B256]) -> B256 {
    let mut layer = padded(leaves);
    while layer.len() > 1 {
        layer = parents(&layer);
    }
    layer[0]
}

/// The siblings from leaf `index` upwards, in the order of `is_valid_merkle_branch`.
pub fn branch(leaves: &[B256], mut index: usize) -> Vec<B256> {
    let mut layer = padded(leaves);
    let mut siblings = Vec::new();
    while layer.len() > 1 {
        siblings.push(layer[index ^ 1]);
        layer = parents(&layer);
        index /= 2;
    }
    siblings
}

fn padded(leaves: &[B256]) -> Vec<B256> {
    let mut layer = leaves.to_vec();
    layer.resize(leaves.len().next_power_of_two().max(1), B256::ZERO);
    layer
}

fn parents(layer: &[B256]) -> Vec<B256> {
    layer
        .chunks_exact(2)
        .map(|pair| sha256(&[pair[0].as_slice(), pair[1].as_slice()]))
        .collect()
}

#[cfg(test)]
mod tests {
    use alloy_primitives::B256;

    use super::{branch, root, sha256};

    #[test]
    fn roots_are_those_of_the_ssz_library() {
        for count in [1_usize, 2, 3, 28, 32, 37, 38, 64] {
            let leaves: Vec<B256> = (0..count).map(|at| sha256(&[&at.to_le_bytes()])).collect();
            let bytes: Vec<u8> = leaves.iter().flat_map(|leaf| leaf.0).collect();
            assert_eq!(root(&leaves), tree_hash::merkle_root(&bytes, 0));
        }
    }

    #[test]
    fn branches_lead_to_the_root() {
        let leaves: Vec<B256> = (0_u8..28).map(B256::repeat_byte).collect();
        for (index, leaf) in leaves.iter().enumerate() {
            let siblings = branch(&leaves, index);
            assert_eq!(siblings.len(), 5);
            let folded = siblings
                .iter()
                .enumerate()
                .fold(*leaf, |node, (height, sibling)| {
                    if (index >> height) % 2 == 1 {
                        sha256(&[sibling.as_slice(), node.as_slice()])
                    } else {
                        sha256(&[node.as_slice(), sibling.as_slice()])
                    }
                });
            assert_eq!(folded, root(&leaves), "leaf {index}");
        }
    }
}
