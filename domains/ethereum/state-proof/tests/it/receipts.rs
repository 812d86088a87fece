//! Receipts and logs: proven under the roots that recorded headers name, and in tries made here.

use alloy_primitives::{B256, Bloom, Log, U256, keccak256};
use alloy_rlp::{BufMut, Header};
use valence_coprocessor_ethereum_state_proof::{
    Address, Outcome, Receipt, ReceiptsRoot, StateProofError, TransactionType, encode_nodes,
};

use crate::hive_chain;
use crate::naive_trie::NaiveTrie;
use crate::world::decoded;

pub(crate) const TYPES: [TransactionType; 5] = [
    TransactionType::Legacy,
    TransactionType::AccessList,
    TransactionType::DynamicFee,
    TransactionType::Blob,
    TransactionType::SetCode,
];

/// A receipt as EIP-2718 encodes it, by alloy's RLP and Bloom filter.
pub(crate) fn encode(kind: u8, outcome: &[u8], cumulative: u64, logs: &[Log]) -> Vec<u8> {
    let bloom: Bloom = logs.iter().collect();
    let fields = [
        alloy_rlp::encode(outcome),
        alloy_rlp::encode(cumulative),
        alloy_rlp::encode(bloom),
        alloy_rlp::encode(logs.to_vec()),
    ]
    .concat();
    let mut receipt = if kind == 0 { Vec::new() } else { vec![kind] };
    Header {
        list: true,
        payload_length: fields.len(),
    }
    .encode(&mut receipt);
    receipt.extend(fields);
    receipt
}

/// The Bloom filter in a receipt: the 256 bytes after their header, behind status and gas.
pub(crate) fn bloom_of(receipt: &[u8]) -> Bloom {
    let at = receipt
        .windows(3)
        .position(|three| three == [0xb9, 1, 0])
        .expect("a Bloom filter");
    Bloom::from_slice(&receipt[at + 3..at + 259])
}

/// A log with some topics and data.
pub(crate) fn log(topics: u8, data: usize) -> Log {
    let topics = (0..topics).map(|index| keccak256([index])).collect();
    Log::new_unchecked([0x42; 20].into(), topics, vec![0x5a; data].into())
}

/// The trie of a block's receipts.
#[derive(Clone)]
pub(crate) struct BlockReceipts {
    pub(crate) trie: NaiveTrie,
}

impl BlockReceipts {
    pub(crate) fn of(receipts: &[Vec<u8>]) -> Self {
        let mut trie = NaiveTrie::default();
        for (index, receipt) in receipts.iter().enumerate() {
            trie.insert(&alloy_rlp::encode(index), receipt);
        }
        Self { trie }
    }

    pub(crate) fn root(&self) -> ReceiptsRoot {
        ReceiptsRoot::from_bytes(self.trie.root())
    }

    pub(crate) fn nodes(&self, index: u64) -> Vec<Vec<u8>> {
        self.trie.proof(&alloy_rlp::encode(index))
    }

    /// Reads the proven receipt.
    pub(crate) fn with<T>(
        &self,
        index: u64,
        read: impl FnOnce(Option<Receipt<'_>>) -> T,
    ) -> Result<T, StateProofError> {
        let nodes = self.nodes(index);
        decoded(&encode_nodes([nodes.as_slice()]), |proof| {
            proof.receipt(&self.root(), index).map(read)
        })
    }
}

/// Demands that a proven receipt is what was encoded.
fn assert_receipt(
    receipt: &Receipt<'_>,
    kind: u8,
    outcome: Outcome,
    cumulative: u64,
    logs: &[Log],
) {
    assert_eq!(receipt.transaction_type, TYPES[usize::from(kind)]);
    assert_eq!(receipt.outcome, outcome);
    assert_eq!(receipt.cumulative_gas_used, cumulative);
    assert_eq!(receipt.logs_bloom, &logs.iter().collect::<Bloom>().0.0);
    assert_eq!(receipt.logs().count(), logs.len());
    for (index, expected) in logs.iter().enumerate() {
        let log = receipt.log(index).expect("the log is there");
        assert_eq!(log.address, Address::from_bytes(expected.address.0.0));
        let topics: Vec<B256> = log.topics.iter().map(|topic| B256::from(**topic)).collect();
        assert_eq!(topics, expected.topics());
        assert_eq!(log.data, expected.data.data.as_ref());
    }
}

/// Receipts of recorded blocks, rebuilt from their transactions, under the root of the recorded header: types 0
/// to 3 with and without logs.
#[test]
fn receipts_of_recorded_blocks_are_proven() {
    let blocks = hive_chain::blocks();
    let rebuilt = hive_chain::rebuilt(&blocks);
    let (mut kinds, mut outcomes) = ([0; 5], [0; 2]);
    for (position, receipts) in &rebuilt {
        let header = hive_chain::header(&blocks, *position);
        let block = BlockReceipts::of(receipts);
        assert_eq!(
            block.root(),
            header.receipts_root,
            "block {}",
            header.number
        );
        let mut cumulative = 0;
        for index in 0..receipts.len() as u64 {
            block
                .with(index, |receipt| {
                    let receipt = receipt.expect("the receipt is there");
                    kinds[receipt.transaction_type as usize] += 1;
                    outcomes[usize::from(receipt.outcome == Outcome::Succeeded)] += 1;
                    assert!(receipt.cumulative_gas_used > cumulative);
                    cumulative = receipt.cumulative_gas_used;
                    for log in receipt.logs() {
                        let log = log.expect("the log is well-formed");
                        assert_eq!(
                            log.topics[0],
                            &U256::from_be_slice(b"emit").to_be_bytes::<32>()
                        );
                        assert_eq!((log.topics.len(), log.data.len()), (2, 32));
                    }
                })
                .expect("the receipt is proven");
        }
        assert_eq!(cumulative, header.gas_used);
        let beyond = block.with(receipts.len() as u64, |receipt| receipt.is_none());
        assert_eq!(beyond, Ok(true));
    }
    assert!(
        blocks.is_empty()
            || (rebuilt.len() >= 9 && kinds[..4].iter().chain(&outcomes).all(|count| *count > 0)),
        "{} blocks, {kinds:?}, {outcomes:?}",
        rebuilt.len()
    );
}

/// All types and outcomes, at indices whose keys have one, two and three bytes.
#[test]
fn receipts_of_all_types_are_proven() {
    let logs_of = |index: u64| -> Vec<Log> {
        (0..index % 4)
            .map(|at| {
                log(
                    u8::try_from((index + at) % 5).expect("small"),
                    usize::try_from(at * 33).expect("small"),
                )
            })
            .collect()
    };
    let outcome_of = |index: u64| match (index % 5, index % 7) {
        (0, 3) => (vec![0xab; 32], Outcome::StateRoot([0xab; 32])),
        (_, 1) => (vec![], Outcome::Failed),
        _ => (vec![1], Outcome::Succeeded),
    };
    let kind = |index: u64| u8::try_from(index % 5).expect("small");
    let cumulative = |index: u64| {
        if index == 299 {
            u64::MAX
        } else {
            index * 21_000
        }
    };
    let receipts: Vec<_> = (0..300)
        .map(|index| {
            encode(
                kind(index),
                &outcome_of(index).0,
                cumulative(index),
                &logs_of(index),
            )
        })
        .collect();
    let block = BlockReceipts::of(&receipts);
    for index in [
        0, 1, 2, 3, 4, 5, 10, 126, 127, 128, 129, 255, 256, 257, 298, 299,
    ] {
        block
            .with(index, |receipt| {
                let receipt = receipt.expect("the receipt is there");
                assert_receipt(
                    &receipt,
                    kind(index),
                    outcome_of(index).1,
                    cumulative(index),
                    &logs_of(index),
                );
            })
            .expect("the receipt is proven");
    }
    for index in [300, 301, 512, 65_536, u64::from(u32::MAX), u64::MAX] {
        assert_eq!(
            block.with(index, |receipt| receipt.is_none()),
            Ok(true),
            "{index}"
        );
    }
}

#[test]
fn a_block_without_transactions_has_no_receipts() {
    let block = BlockReceipts::of(&[]);
    assert_eq!(block.with(0, |receipt| receipt.is_none()), Ok(true));
}

/// The order of keys in alloy's own function for such tries agrees with the trie made here.
#[test]
fn receipts_root_agrees_with_alloy() {
    for count in [1, 2, 17, 127, 128, 129, 300] {
        let receipts: Vec<_> = (0..count)
            .map(|index| encode(2, &[1], index * 21_000, &[log(3, 32)]))
            .collect();
        let root = alloy_trie::root::ordered_trie_root_with_encoder(&receipts, |receipt, out| {
            out.put_slice(receipt);
        });
        assert_eq!(BlockReceipts::of(&receipts).root().as_bytes(), &root.0);
    }
}
