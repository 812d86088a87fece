//! The payload of proven blocks: its bytes, and the facts that follow from it.

use alloy_primitives::U256;
use valence_coprocessor_ethereum_state_proof::{
    BlockHash, BlockPayload, HeaderError, ReceiptsRoot, TrustedPayload,
};

use crate::hive_chain;

fn payload() -> BlockPayload {
    BlockPayload {
        block_hash: BlockHash::from_bytes([1; 32]),
        parent: BlockHash::from_bytes([2; 32]),
        receipts_root: ReceiptsRoot::from_bytes([3; 32]),
        prev_randao: [4; 32],
        beacon_block_root: [5; 32],
        slot: 0x0607_0809_0a0b_0c0d,
        timestamp: u64::MAX - 1,
    }
}

#[test]
fn fields_stand_where_the_drawing_says() {
    let bytes = payload().encode();
    let hashes: Vec<u8> = (1..=5).flat_map(|byte| [byte; 32]).collect();
    let numbers = [
        6, 7, 8, 9, 10, 11, 12, 13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
    ];
    assert_eq!(bytes.as_slice(), [hashes.as_slice(), &numbers].concat());
    assert_eq!(BlockPayload::decode(&bytes), Ok(payload()));
}

#[test]
fn every_byte_is_part_of_one_field() {
    let bytes = payload().encode();
    for at in 0..bytes.len() {
        let mut changed = bytes;
        changed[at] ^= 1;
        let read = BlockPayload::decode(&changed).expect("any 176 bytes are a payload");
        assert_ne!(read, payload());
        assert_eq!(read.encode(), changed);
    }
}

/// A trusted block's payload never passes for a proven one's, nor the other way.
#[test]
fn payloads_of_other_lengths_are_refused() {
    for got in [0, 144, 175, 177, 352] {
        assert_eq!(
            BlockPayload::decode(&vec![0; got]),
            Err(HeaderError::PayloadLength { got, expected: 176 })
        );
    }
    assert_eq!(
        TrustedPayload::decode(&payload().encode()),
        Err(HeaderError::Payload)
    );
}

/// Under the block hash of a payload, a header gives the rest; here the payload's own fields are among it.
#[test]
fn a_header_under_the_block_hash() {
    let blocks = hive_chain::blocks();
    for (index, block) in blocks.iter().enumerate() {
        let header = hive_chain::header(&blocks, index);
        let payload = BlockPayload {
            block_hash: header.hash,
            ..payload()
        };
        let again = valence_coprocessor_ethereum_state_proof::Header::verify(
            &block.header,
            &payload.block_hash,
        );
        assert_eq!(again.as_ref(), Ok(&header));
        assert!(
            U256::from_be_bytes(header.difficulty) > U256::ZERO
                || header.base_fee_per_gas.is_some()
        );
    }
}
