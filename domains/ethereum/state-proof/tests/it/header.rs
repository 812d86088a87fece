//! Headers of mainnet, rebuilt from a node's JSON and from recorded RLP.

use valence_coprocessor_ethereum_state_proof::{
    BlockHash, Header, HeaderError, RlpError, TrustedPayload, encode_header, keccak256,
};

use crate::fixtures::{self, bytes, fixed, hex};

const DATA: [&str; 7] = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
];
/// What London, Shanghai, Cancun and Prague added, and whether it is a number.
const LATER: [(&str, bool); 6] = [
    ("baseFeePerGas", true),
    ("withdrawalsRoot", false),
    ("blobGasUsed", true),
    ("excessBlobGas", true),
    ("parentBeaconBlockRoot", false),
    ("requestsHash", false),
];
const NUMBERS: [&str; 5] = ["difficulty", "number", "gasLimit", "gasUsed", "timestamp"];

/// The header of a block as nodes show it in JSON, with the fields that its fork has.
pub(crate) fn rebuilt(block: &serde_json::Value) -> Vec<u8> {
    let number = |name: &str| {
        let bytes = bytes(&block[name]);
        let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
        bytes[zeros..].to_vec()
    };
    let mut fields: Vec<Vec<u8>> = DATA.iter().map(|name| bytes(&block[*name])).collect();
    fields.extend(NUMBERS.iter().map(|name| number(name)));
    fields.extend(
        ["extraData", "mixHash", "nonce"]
            .iter()
            .map(|name| bytes(&block[*name])),
    );
    for (name, is_number) in LATER {
        if block.get(name).is_some() {
            fields.push(if is_number {
                number(name)
            } else {
                bytes(&block[name])
            });
        }
    }
    encode_header(&fields.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn mainnet_headers_hash_to_their_blocks() {
    let files = [
        "deneb-21925176-helios/block.json",
        "deneb-21824259-eoa/eth_getBlockByNumber_0x14d0303.json",
    ];
    for file in files {
        let Some(block) = fixtures::json(&format!("04-eip1186-mainnet/{file}")) else {
            return;
        };
        let hash = BlockHash::from_bytes(fixed(&block["hash"]));
        let encoded = rebuilt(&block);
        let header = Header::verify(&encoded, &hash).expect("the header hashes to the block");
        assert_eq!(header.number.to_be_bytes(), fixed::<8>(&block["number"]));
        assert_eq!(
            header.timestamp.to_be_bytes(),
            fixed::<8>(&block["timestamp"])
        );
        assert_eq!(
            header.state_root.as_bytes(),
            &fixed::<32>(&block["stateRoot"])
        );
        assert_eq!(
            header.receipts_root.as_bytes(),
            &fixed::<32>(&block["receiptsRoot"])
        );
        assert_eq!(header.prev_randao, fixed::<32>(&block["mixHash"]));
        assert_eq!(header.parent.as_bytes(), &fixed::<32>(&block["parentHash"]));

        let payload = TrustedPayload::of(&header).encode();
        assert_eq!(
            TrustedPayload::decode(&payload),
            Ok(TrustedPayload::of(&header))
        );
        assert_eq!(
            TrustedPayload::decode(&payload[1..]),
            Err(HeaderError::Payload)
        );
        let mut proven = payload;
        proven[0] ^= 1;
        assert_eq!(TrustedPayload::decode(&proven), Err(HeaderError::Payload));

        for at in 0..encoded.len() {
            let mut changed = encoded.clone();
            changed[at] ^= 1;
            assert_eq!(
                Header::verify(&changed, &hash),
                Err(HeaderError::Hash),
                "byte {at}"
            );
        }
    }
}

/// Recorded RLP of old and new forks: genesis (15 fields) and block 19,000,000 (20 fields).
#[test]
fn recorded_headers_are_read() {
    let Some(folder) = fixtures::folder() else {
        return;
    };
    let path = folder.join("04-eip1186-mainnet/portal-state-validation/account_trie_node.yaml");
    let text = std::fs::read_to_string(path).expect("the file of recorded data is readable");
    let headers = text
        .lines()
        .filter_map(|line| line.trim_start_matches("- ").strip_prefix("block_header: "));
    let mut numbers: Vec<u64> = headers
        .map(|line| {
            let encoded = hex(line.trim().trim_matches('\''));
            let hash = BlockHash::from_bytes(keccak256(&encoded));
            Header::verify(&encoded, &hash)
                .expect("a recorded header is well-formed")
                .number
        })
        .collect();
    numbers.dedup();
    assert_eq!(numbers, [19_000_000, 0]);
}

/// A header has as many fields as its fork gave it.
#[test]
fn only_the_numbers_of_fields_that_forks_have_are_read() {
    let (hash, bloom, number) = ([7; 32], [0; 256], [9_u8]);
    let mut fields: Vec<&[u8]> = vec![&hash, &hash, &hash[..20], &hash, &hash, &hash, &bloom];
    fields.extend([number.as_slice(); 5]);
    fields.extend([
        b"extra".as_slice(),
        &hash,
        &hash[..8],
        &number,
        &hash,
        &number,
        &number,
        &hash,
        &hash,
    ]);
    // What comes after Osaka is not known: the hash vouches for it, and it is not read.
    fields.extend([hash.as_slice(), b"a later fork"]);
    for count in 0..=fields.len() {
        let encoded = encode_header(&fields[..count]);
        let hash = BlockHash::from_bytes(keccak256(&encoded));
        let read = Header::verify(&encoded, &hash);
        if [15, 16, 17, 20, 21, 22, 23].contains(&count) {
            let header = read.expect("the fork is known");
            assert_eq!((header.number, header.timestamp), (9, 9));
            assert_eq!(header.requests_hash.is_some(), count > 20);
        } else {
            assert_eq!(read, Err(HeaderError::Fields { got: count }));
        }
    }
}

/// Lists that hash right and are no headers.
#[test]
fn malformed_fields_are_refused() {
    let (hash, bloom) = ([7; 32], [0; 256]);
    let good: Vec<&[u8]> = vec![
        &hash,
        &hash,
        &hash[..20],
        &hash,
        &hash,
        &hash,
        &bloom,
        &[1],
        &[1],
        &[1],
        &[1],
        &[1],
        &[],
        &hash,
        &hash[..8],
    ];
    let read = |fields: &[&[u8]]| {
        let encoded = encode_header(fields);
        Header::verify(&encoded, &BlockHash::from_bytes(keccak256(&encoded)))
    };
    read(&good).expect("the fields are those of a header");
    for (at, wrong, error) in [
        (
            0,
            &hash[..31],
            RlpError::Length {
                got: 31,
                expected: 32,
            },
        ),
        (
            2,
            &hash[..19],
            RlpError::Length {
                got: 19,
                expected: 20,
            },
        ),
        (
            6,
            &bloom[..255],
            RlpError::Length {
                got: 255,
                expected: 256,
            },
        ),
        (7, &[0, 1][..], RlpError::Number { limit: 32 }),
        (8, &hash[..9], RlpError::Number { limit: 8 }),
        (11, &[0][..], RlpError::Number { limit: 8 }),
        (
            14,
            &hash[..7],
            RlpError::Length {
                got: 7,
                expected: 8,
            },
        ),
    ] {
        let mut fields = good.clone();
        fields[at] = wrong;
        assert_eq!(read(&fields), Err(HeaderError::Rlp(error)), "field {at}");
    }
}
