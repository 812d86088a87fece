//! The test chain of Ethereum's execution APIs (54 blocks, from Frontier to Osaka): each header hashes to what
//! the next one names, and receipts rebuilt from its transactions have the roots that its headers name.

use alloy_primitives::{Address, B256, Bloom, Bytes, Log, LogData, U256, keccak256};
use alloy_rlp::{Decodable, Header as RlpHeader};
use valence_coprocessor_ethereum_state_proof::{BlockHash, Header};

use crate::fixtures;
use crate::receipts::encode;

/// A contract of the chain's genesis: it counts its calls, and logs the count under two topics.
const EMIT: Address = Address::new([
    0x7d, 0xcd, 0x17, 0x43, 0x37, 0x42, 0xf4, 0xc0, 0xca, 0x53, 0x12, 0x2a, 0xb5, 0x41, 0xd0, 0xba,
    0x67, 0xfc, 0x27, 0xdf,
]);
/// An account whose code is delegated to a contract since block 45 (EIP-7702): the gas of a transfer does not
/// pay for running it.
const DELEGATED: Address = Address::new([
    0xed, 0xa8, 0x64, 0x5b, 0xa6, 0x94, 0x88, 0x55, 0xe3, 0xb3, 0xcd, 0x59, 0x6b, 0xbb, 0x07, 0x59,
    0x6d, 0x59, 0xc6, 0x03,
]);
const DELEGATED_SINCE: usize = 45;
/// Gas of a transfer without data.
const TRANSFER: u64 = 21_000;

/// A block, as far as the tests look at it.
pub(crate) struct Block {
    pub(crate) header: Vec<u8>,
    transactions: Vec<Transaction>,
}

struct Transaction {
    kind: u8,
    to: Vec<u8>,
    data: Vec<u8>,
}

/// Takes one item with its header from the front.
fn item<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let all = *bytes;
    let header = RlpHeader::decode(bytes).expect("the chain is RLP");
    *bytes = &bytes[header.payload_length..];
    &all[..all.len() - bytes.len()]
}

fn items(mut list: &[u8]) -> Vec<&[u8]> {
    let header = RlpHeader::decode(&mut list).expect("the chain is RLP");
    assert!(header.list, "a list is expected");
    let mut items = Vec::new();
    while !list.is_empty() {
        items.push(item(&mut list));
    }
    items
}

fn string(mut encoded: &[u8]) -> Vec<u8> {
    Bytes::decode(&mut encoded)
        .expect("the field is a string")
        .to_vec()
}

fn transaction(encoded: &[u8]) -> Transaction {
    // A typed transaction is a string in the block: its type, then its fields. `to` stands before value and data.
    let (kind, fields) = if encoded[0] >= 0xc0 {
        (0, encoded.to_vec())
    } else {
        let typed = string(encoded);
        (typed[0], typed[1..].to_vec())
    };
    let to = [3, 4, 5, 5, 5][usize::from(kind)];
    let fields = items(&fields);
    Transaction {
        kind,
        to: string(fields[to]),
        data: string(fields[to + 2]),
    }
}

/// All blocks after genesis.
pub(crate) fn blocks() -> Vec<Block> {
    let Some(folder) = fixtures::folder() else {
        return Vec::new();
    };
    let path = folder.join("09-execution-apis/chain.rlp");
    let chain = std::fs::read(path).expect("the recorded chain is readable");
    let mut rest = chain.as_slice();
    let mut blocks = Vec::new();
    while !rest.is_empty() {
        let parts = items(item(&mut rest));
        blocks.push(Block {
            header: parts[0].to_vec(),
            transactions: items(parts[1]).into_iter().map(transaction).collect(),
        });
    }
    assert_eq!(blocks.len(), 54);
    blocks
}

/// The verified header of the block at a position; its hash is the parent that the next block names, and that
/// of the last one as the recorded answer of `eth_getBlockByNumber` gives it.
pub(crate) fn header(blocks: &[Block], index: usize) -> Header {
    let hash = match blocks.get(index + 1) {
        Some(next) => string(items(&next.header)[0]),
        None => fixtures::hex("0xd226371d0b1551adb03fb52b71f08e3e11247fe9b1af994768af8cdaa8e7dcd7"),
    };
    let hash = BlockHash::from_bytes(hash.try_into().expect("a hash has 32 bytes"));
    Header::verify(&blocks[index].header, &hash).expect("the header hashes to the block")
}

#[test]
fn headers_of_all_forks_are_read() {
    let blocks = blocks();
    for (index, block) in blocks.iter().enumerate() {
        let header = header(&blocks, index);
        let fields = items(&block.header);
        let number = |at: usize| U256::from_be_slice(&string(fields[at]));
        let fixed = |at: usize| B256::from_slice(&string(fields[at])).0;
        assert_eq!(header.number, index as u64 + 1);
        assert_eq!(header.parent.as_bytes(), &fixed(0));
        assert_eq!(header.ommers_hash, fixed(1));
        assert_eq!(header.beneficiary.as_bytes().to_vec(), string(fields[2]));
        assert_eq!(header.state_root.as_bytes(), &fixed(3));
        assert_eq!(header.transactions_root, fixed(4));
        assert_eq!(header.receipts_root.as_bytes(), &fixed(5));
        assert_eq!(header.logs_bloom.to_vec(), string(fields[6]));
        assert_eq!(U256::from_be_bytes(header.difficulty), number(7));
        let numbers = [
            header.number,
            header.gas_limit,
            header.gas_used,
            header.timestamp,
        ];
        assert_eq!(
            numbers.map(U256::from).to_vec(),
            (8..12).map(number).collect::<Vec<_>>()
        );
        assert_eq!(header.extra_data, string(fields[12]));
        assert_eq!(header.prev_randao, fixed(13));
        assert_eq!(header.nonce.to_vec(), string(fields[14]));
        assert_eq!(
            header.base_fee_per_gas.map(U256::from_be_bytes),
            (fields.len() > 15).then(|| number(15))
        );
        assert_eq!(
            header.withdrawals_root,
            (fields.len() > 16).then(|| fixed(16))
        );
        let cancun = header.cancun.map(|cancun| {
            (
                cancun.blob_gas_used,
                cancun.excess_blob_gas,
                cancun.parent_beacon_block_root,
            )
        });
        let expected = (fields.len() > 17)
            .then(|| (number(17).to::<u64>(), number(18).to::<u64>(), fixed(19)));
        assert_eq!(cancun, expected);
        assert_eq!(header.requests_hash, (fields.len() > 20).then(|| fixed(20)));
    }
    let mut counts: Vec<_> = blocks
        .iter()
        .map(|block| items(&block.header).len())
        .collect();
    counts.dedup();
    // Frontier to Berlin, London, Shanghai, Cancun, Prague and Osaka.
    assert!(
        counts.is_empty() || counts == [15, 16, 17, 20, 21],
        "{counts:?}"
    );
}

/// Receipts of the blocks whose transactions are all plain transfers and calls of [`EMIT`], by position.
pub(crate) fn rebuilt(blocks: &[Block]) -> Vec<(usize, Vec<Vec<u8>>)> {
    let mut calls = 0_u64;
    let mut all = Vec::new();
    for (index, block) in blocks.iter().enumerate() {
        let is_call = |transaction: &Transaction| transaction.to == EMIT.as_slice();
        let is_transfer =
            |transaction: &Transaction| transaction.to.len() == 20 && transaction.data.is_empty();
        let emits = block.transactions.iter().filter(|one| is_call(one)).count() as u64;
        let plain = block.transactions.len() as u64 - emits;
        let before = calls;
        calls += emits;
        let known = block
            .transactions
            .iter()
            .all(|one| is_call(one) || is_transfer(one));
        let gas = header(blocks, index).gas_used - plain * TRANSFER;
        // Where the calls cost the same, the header says what each cost.
        if !known || emits == 0 || !gas.is_multiple_of(emits) || gas / emits != 51_868 {
            continue;
        }
        let (mut count, mut cumulative) = (before, 0);
        let receipt = |transaction: &Transaction| {
            let mut logs = Vec::new();
            if is_call(transaction) {
                let topics = vec![
                    B256::left_padding_from(b"emit"),
                    keccak256(&transaction.data),
                ];
                let data = B256::from(U256::from(count)).to_vec().into();
                logs.push(Log {
                    address: EMIT,
                    data: LogData::new_unchecked(topics, data),
                });
                count += 1;
                cumulative += 51_868;
            } else {
                cumulative += TRANSFER;
            }
            let is_undone = transaction.to == DELEGATED.as_slice() && index >= DELEGATED_SINCE;
            let status: &[u8] = if is_undone { &[] } else { &[1] };
            encode(transaction.kind, status, cumulative, &logs)
        };
        all.push((index, block.transactions.iter().map(receipt).collect()));
    }
    all
}

/// The Bloom filter of the rebuilt logs is the recorded one too.
#[test]
fn rebuilt_logs_have_the_recorded_bloom() {
    let blocks = blocks();
    for (index, receipts) in rebuilt(&blocks) {
        let mut bloom = Bloom::default();
        for receipt in receipts {
            bloom.accrue_bloom(&crate::receipts::bloom_of(&receipt));
        }
        assert_eq!(bloom.0.0, header(&blocks, index).logs_bloom);
    }
}
