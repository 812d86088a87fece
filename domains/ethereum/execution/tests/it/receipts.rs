//! Receipts: encoded as other crates than ours do, and proven under the root that these compute.

use alloy_primitives::{Address, B256, Bloom, Log, LogData, keccak256};
use alloy_rlp::BufMut as _;
use serde_json::{Value, json};
use valence_coprocessor_ethereum_execution::{AnswerError, encode_receipt, list_nodes};
use valence_coprocessor_ethereum_state_proof::{Outcome, ReceiptsRoot, StateProof, encode_nodes};
use valence_coprocessor_protocol::AlignedBytes;

/// A receipt before it is encoded.
struct Receipt {
    kind: u8,
    has_succeeded: bool,
    gas: u64,
    logs: Vec<Log>,
}

impl Receipt {
    /// Of all types and outcomes, with none to three logs.
    fn number(index: u64) -> Self {
        let log = |at: u64| {
            let topics = (0..(index + at) % 5).map(|topic| keccak256(topic.to_be_bytes()));
            let length = usize::try_from(at * 33).expect("short");
            Log {
                address: Address::repeat_byte(0x42),
                data: LogData::new_unchecked(topics.collect(), vec![0x5a; length].into()),
            }
        };
        Self {
            kind: u8::try_from(index % 5).expect("small"),
            has_succeeded: index % 7 != 1,
            gas: 21_000 * (index + 1),
            logs: (0..index % 4).map(log).collect(),
        }
    }

    fn bloom(&self) -> Bloom {
        self.logs.iter().collect()
    }

    /// As EIP-2718 has it.
    fn encode(&self) -> Vec<u8> {
        let fields = [
            alloy_rlp::encode(self.has_succeeded),
            alloy_rlp::encode(self.gas),
            alloy_rlp::encode(self.bloom()),
            alloy_rlp::encode(self.logs.clone()),
        ]
        .concat();
        let mut receipt = Vec::new();
        if self.kind != 0 {
            receipt.push(self.kind);
        }
        let header = alloy_rlp::Header {
            list: true,
            payload_length: fields.len(),
        };
        header.encode(&mut receipt);
        receipt.extend(fields);
        receipt
    }

    /// As the execution APIs have it.
    fn answer(&self) -> Value {
        let logs = self.logs.iter().map(|log| {
            json!({
                "address": log.address.to_string(),
                "topics": log.topics().iter().map(B256::to_string).collect::<Vec<_>>(),
                "data": log.data.data.to_string(),
                "removed": false,
            })
        });
        json!({
            "type": format!("{:#x}", self.kind),
            "status": format!("{:#x}", u8::from(self.has_succeeded)),
            "cumulativeGasUsed": format!("{:#x}", self.gas),
            "logsBloom": self.bloom().to_string(),
            "logs": logs.collect::<Vec<_>>(),
            "contractAddress": null,
        })
    }
}

/// The receipts of a block, and their root.
fn block(count: u64) -> (Vec<Receipt>, ReceiptsRoot) {
    let list: Vec<_> = (0..count).map(Receipt::number).collect();
    let root = alloy_trie::root::ordered_trie_root_with_encoder(&list, |receipt: &Receipt, out| {
        out.put_slice(&receipt.encode());
    });
    (list, ReceiptsRoot::from_bytes(root.0))
}

/// Demands that a receipt is proven, or that there is none.
fn check(proof: &mut StateProof<'_>, root: &ReceiptsRoot, number: u64, expected: Option<&Receipt>) {
    let receipt = proof.receipt(root, number).expect("proven");
    assert_eq!(receipt.is_some(), expected.is_some(), "{number}");
    let (Some(receipt), Some(expected)) = (receipt, expected) else {
        return;
    };
    assert_eq!(receipt.transaction_type as u8, expected.kind);
    let has_succeeded = receipt.outcome == Outcome::Succeeded;
    assert_eq!(has_succeeded, expected.has_succeeded);
    assert_eq!(receipt.cumulative_gas_used, expected.gas);
    assert_eq!(receipt.logs().count(), expected.logs.len());
    for (index, log) in expected.logs.iter().enumerate() {
        let found = receipt.log(index).expect("the log is there");
        let topics: Vec<_> = found
            .topics
            .iter()
            .map(|topic| B256::from(**topic))
            .collect();
        assert_eq!(topics, log.topics());
        assert_eq!(found.data, log.data.data.as_ref());
    }
}

#[test]
fn receipts_are_encoded_as_by_another_implementation() {
    for index in 0..140 {
        let receipt = Receipt::number(index);
        assert_eq!(
            encode_receipt(&receipt.answer()),
            Ok(receipt.encode()),
            "{index}"
        );
    }
    let mut untyped = Receipt::number(0).answer();
    untyped.as_object_mut().expect("an object").remove("type");
    assert_eq!(encode_receipt(&untyped), Ok(Receipt::number(0).encode()));
}

/// At numbers whose keys have one, two and three bytes, there and beyond the end.
#[test]
fn receipts_are_proven_under_the_root_of_the_block() {
    for count in [0, 1, 2, 3, 16, 17, 127, 128, 129, 257, 300] {
        let (list, root) = block(count);
        let encoded = list.iter().map(|receipt| encode_receipt(&receipt.answer()));
        let encoded: Vec<_> = encoded.collect::<Result<_, _>>().expect("receipts");
        for numbers in [
            &[0][..],
            &[1],
            &[15],
            &[16],
            &[127],
            &[128],
            &[256],
            &[299],
            &[300],
            &[70_000],
            &[5, count, 0, 128, 5, u64::MAX],
        ] {
            let nodes = encode_nodes([list_nodes(&encoded, numbers).as_slice()]);
            let aligned = AlignedBytes::new(&nodes).expect("whole words");
            let mut proof = StateProof::decode(aligned.words()).expect("a proof");
            for number in numbers {
                let expected = usize::try_from(*number).ok().and_then(|at| list.get(at));
                check(&mut proof, &root, *number, expected);
            }
            proof.finish().expect("nothing is left over");
        }
    }
}

/// Each field of a receipt counts.
#[test]
fn a_changed_field_makes_another_receipt() {
    let honest = Receipt::number(7);
    let answer = honest.answer();
    let mut fields = Vec::new();
    for field in ["/type", "/status", "/cumulativeGasUsed", "/logsBloom"] {
        fields.push(field.to_owned());
    }
    for (index, log) in honest.logs.iter().enumerate() {
        fields.push(format!("/logs/{index}/address"));
        let topics = 0..log.topics().len();
        fields.extend(topics.map(|topic| format!("/logs/{index}/topics/{topic}")));
        fields.push(format!("/logs/{index}/data"));
    }
    assert!(fields.len() > 10, "the receipt has logs with topics");
    for field in fields {
        let mut changed = answer.clone();
        let value = changed.pointer_mut(&field).expect("a field");
        let text = value.as_str().expect("text");
        let (kept, last) = text.split_at(text.len() - 1);
        // Empty data gets a byte.
        *value = match last {
            "x" => json!("0x01"),
            "1" => json!(format!("{kept}2")),
            _ => json!(format!("{kept}1")),
        };
        let encoded = encode_receipt(&changed).expect("still a receipt");
        assert_ne!(encoded, honest.encode(), "{field}");
    }
}

#[test]
fn what_is_no_receipt_is_refused_by_name() {
    let honest = Receipt::number(7).answer();
    let with = |pointer: &str, value: Value| {
        let mut answer = honest.clone();
        *answer.pointer_mut(pointer).expect("a field") = value;
        encode_receipt(&answer)
    };
    for field in ["status", "cumulativeGasUsed", "logsBloom"] {
        let refused = with(&format!("/{field}"), Value::Null);
        assert_eq!(
            refused,
            Err(AnswerError::NoField {
                of: "receipt",
                field
            })
        );
    }
    for field in ["address", "data"] {
        let refused = with(&format!("/logs/0/{field}"), json!(1));
        assert_eq!(refused, Err(AnswerError::NoField { of: "log", field }));
    }
    let no_list = |of, field| Err(AnswerError::NoList { of, field });
    assert_eq!(with("/logs", Value::Null), no_list("receipt", "logs"));
    assert_eq!(
        with("/logs/0/topics", json!("0x")),
        no_list("log", "topics")
    );
    let two = AnswerError::Length {
        what: "type",
        got: 2,
        expected: 1,
    };
    assert_eq!(with("/type", json!("0x102")), Err(two));
    let malformed = AnswerError::NotHexadecimal {
        what: "topics",
        got: "12".to_owned(),
    };
    assert_eq!(with("/logs/0/topics/0", json!("12")), Err(malformed));
}
