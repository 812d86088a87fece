//! Attacks b8 on receipts: another index, another block, another receipt's log, forged and malformed receipts.

use alloy_primitives::keccak256;
use valence_coprocessor_ethereum_state_proof::{
    ReceiptError, ReceiptsRoot, RlpError, StateProofError, TrieError, encode_nodes,
};

use crate::receipts::{BlockReceipts, encode, log};
use crate::world::{decoded, every_byte_counts};

fn block() -> BlockReceipts {
    let receipts: Vec<_> = (0..200_u8)
        .map(|index| {
            let logs: Vec<_> = (0..index % 3)
                .map(|at| log(at + 1, usize::from(index)))
                .collect();
            encode(index % 5, &[1], 21_000 * u64::from(index), &logs)
        })
        .collect();
    BlockReceipts::of(&receipts)
}

fn assert_missing<T: core::fmt::Debug>(result: &Result<T, StateProofError>) {
    assert!(
        matches!(
            result,
            Err(StateProofError::Receipt(TrieError::MissingNode { .. }))
        ),
        "{result:?}"
    );
}

#[test]
fn attack_b8_receipt_of_another_index() {
    let block = block();
    for (shown, asked) in [
        (0, 1),
        (1, 2),
        (127, 128),
        (128, 0),
        (199, 198),
        (5, 200),
        (200, 5),
    ] {
        let nodes = block.nodes(shown);
        assert_missing(&decoded(&encode_nodes([nodes.as_slice()]), |proof| {
            proof
                .receipt(&block.root(), asked)
                .map(|receipt| receipt.is_some())
        }));
    }
}

#[test]
fn attack_b8_receipt_of_another_block() {
    let block = block();
    let mut later = block.clone();
    later
        .trie
        .insert(&alloy_rlp::encode(200_u8), &encode(2, &[], 1, &[]));
    let nodes = block.nodes(7);
    assert_missing(&decoded(&encode_nodes([nodes.as_slice()]), |proof| {
        proof
            .receipt(&later.root(), 7)
            .map(|receipt| receipt.is_some())
    }));
}

/// Two proven receipts do not lend each other their logs.
#[test]
fn attack_b8_log_of_another_receipt() {
    let block = block();
    let (one, two) = (block.nodes(1), block.nodes(2));
    let bytes = encode_nodes([one.as_slice(), &two]);
    decoded(&bytes, |proof| {
        let one = proof
            .receipt(&block.root(), 1)?
            .expect("the receipt is there");
        let two = proof
            .receipt(&block.root(), 2)?
            .expect("the receipt is there");
        assert_eq!(
            one.log(1),
            Err(ReceiptError::NoSuchLog {
                index: 1,
                available: 1
            })
        );
        assert_eq!(two.log(1).expect("the log is there").topics.len(), 2);
        assert_eq!(
            two.log(2),
            Err(ReceiptError::NoSuchLog {
                index: 2,
                available: 2
            })
        );
        assert_eq!(
            two.log(usize::MAX),
            Err(ReceiptError::NoSuchLog {
                index: usize::MAX,
                available: 2
            })
        );
        Ok(())
    })
    .expect("both receipts are proven");
    assert_missing(&decoded(&encode_nodes([one.as_slice()]), |proof| {
        proof
            .receipt(&block.root(), 2)
            .map(|receipt| receipt.is_some())
    }));
}

#[test]
fn attack_b8_extra_and_missing_nodes_of_receipts() {
    let block = block();
    let (wanted, other) = (block.nodes(9), block.nodes(150));
    let ask = |paths: &[&[Vec<u8>]]| {
        decoded(&encode_nodes(paths.iter().copied()), |proof| {
            proof
                .receipt(&block.root(), 9)
                .map(|receipt| receipt.is_some())
        })
    };
    assert_eq!(ask(&[&wanted]), Ok(true));
    let shared = wanted.iter().filter(|node| other.contains(node)).count();
    let extra = other.len() - shared;
    assert!(extra > 0, "the other receipt has nodes of its own");
    assert_eq!(
        ask(&[&wanted, &other]),
        Err(StateProofError::ExtraNodes { extra })
    );
    for index in 0..wanted.len() {
        let mut less = wanted.clone();
        less.remove(index);
        assert_missing(&ask(&[&less]));
    }
}

#[test]
fn attack_b8_every_byte_of_a_receipt_counts() {
    let block = block();
    let paths = [block.nodes(2), block.nodes(128), block.nodes(201)];
    let bytes = encode_nodes(paths.iter().map(Vec::as_slice));
    every_byte_counts(&bytes, &[0x01], |bytes| {
        decoded(bytes, |proof| {
            for index in [2, 128, 201] {
                proof.receipt(&block.root(), index)?;
            }
            Ok(())
        })
    });
}

/// A receipt with a failed status in place of a good one: its leaf is another node.
#[test]
fn attack_b8_forged_status() {
    let block = block();
    let mut forged = block.clone();
    forged
        .trie
        .insert(&alloy_rlp::encode(3_u8), &encode(3, &[], 63_000, &[]));
    let nodes = forged.nodes(3);
    assert_missing(&decoded(&encode_nodes([nodes.as_slice()]), |proof| {
        proof
            .receipt(&block.root(), 3)
            .map(|receipt| receipt.is_some())
    }));
    let mut mixed = block.nodes(3);
    let last = mixed.len() - 1;
    mixed[last].clone_from(&nodes[nodes.len() - 1]);
    assert_missing(&decoded(&encode_nodes([mixed.as_slice()]), |proof| {
        proof
            .receipt(&block.root(), 3)
            .map(|receipt| receipt.is_some())
    }));
}

/// What a receipt under `value`, the only one of its block, is read as.
fn refusal(value: &[u8]) -> ReceiptError {
    let block = BlockReceipts::of(&[value.to_vec()]);
    let read = |receipt: Option<valence_coprocessor_ethereum_state_proof::Receipt<'_>>| {
        receipt
            .expect("the receipt is there")
            .logs()
            .find_map(Result::err)
    };
    match block.with(0, read) {
        Err(StateProofError::ReceiptValue(error)) | Ok(Some(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// Values under a right root that are no receipts: only a broken chain could have them.
#[test]
fn attack_b8_malformed_receipts() {
    let good = encode(0, &[1], 5, &[]);
    for kind in [0x00, 0x05, 0x7f, 0x80, 0xbf] {
        let typed = [&[kind], good.as_slice()].concat();
        assert_eq!(refusal(&typed), ReceiptError::Type { got: kind });
    }
    for (outcome, got) in [
        (vec![2], 1),
        (vec![1, 1], 2),
        (vec![7; 31], 31),
        (vec![7; 33], 33),
    ] {
        assert_eq!(
            refusal(&encode(0, &outcome, 5, &[])),
            ReceiptError::Outcome { got }
        );
    }
    // Only legacy receipts are old enough for a state root.
    assert_eq!(
        refusal(&encode(2, &[7; 32], 5, &[])),
        ReceiptError::Outcome { got: 32 }
    );
    assert_eq!(
        refusal(&encode(2, &[1], 5, &[log(5, 1)])),
        ReceiptError::Topics
    );
    assert_eq!(
        refusal(&[2]),
        ReceiptError::Rlp(RlpError::Truncated {
            needed: 1,
            remaining: 0
        })
    );
    let trailing = [good.as_slice(), &[0]].concat();
    assert_eq!(
        refusal(&trailing),
        ReceiptError::Rlp(RlpError::Trailing { remaining: 1 })
    );
}

/// The root of another trie of the same block is of another type, and leads nowhere.
#[test]
fn attack_b8_another_root_of_the_block() {
    let block = block();
    let nodes = block.nodes(3);
    let other = ReceiptsRoot::from_bytes(keccak256(&nodes[1]).0);
    assert_missing(&decoded(&encode_nodes([&nodes[..1]]), |proof| {
        proof.receipt(&other, 3).map(|receipt| receipt.is_some())
    }));
}
