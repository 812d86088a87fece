//! Answers of beacon nodes that are no answers: JSON and SSZ.

use serde_json::{Value, json};
use valence_coprocessor_ethereum_beacon::{
    BeaconError, BeaconHeader, Bytes, SszError, Update, updates_from_ssz,
};
use valence_coprocessor_ethereum_light_client::{Fork, MAINNET};

use crate::fixtures;
use crate::forge::{self, Plan};

fn header() -> Value {
    let root = format!("0x{}", "ab".repeat(32));
    json!({ "slot": "7", "proposer_index": "18446744073709551615", "parent_root": root, "state_root": root, "body_root": root })
}

#[test]
fn json_is_written_in_one_way() {
    let parse = |value: &Value| serde_json::from_value::<BeaconHeader>(value.clone());
    let honest = parse(&header()).expect("a header");
    assert_eq!((honest.slot, honest.proposer_index), (7, u64::MAX));
    assert_eq!(honest.body_root, Bytes([0xab; 32]));
    assert_eq!(serde_json::to_value(honest).expect("JSON"), header());
    let wrong = [
        ("slot", json!(7)),
        ("slot", json!("-7")),
        ("slot", json!("0x7")),
        ("slot", json!("18446744073709551616")),
        ("slot", Value::Null),
        ("body_root", json!("ab".repeat(32))),
        ("body_root", json!(format!("0x{}", "ab".repeat(31)))),
        ("body_root", json!(format!("0x{}", "ab".repeat(33)))),
        ("body_root", json!(format!("0x{}a", "ab".repeat(31)))),
        ("body_root", json!(format!("0x{}", "ag".repeat(32)))),
    ];
    for (field, value) in wrong {
        let mut changed = header();
        changed[field] = value;
        parse(&changed).expect_err("no header");
        changed.as_object_mut().expect("an object").remove(field);
        parse(&changed).expect_err("a field is missing");
    }
}

/// The numbers that mainnet and a devnet write, in decimal and in hexadecimal.
#[test]
fn base_fees_are_little_endian() {
    let update = Plan::new(forge::electra(), 9, 20).forge();
    let mut value = serde_json::to_value(&update).expect("JSON");
    for (text, first) in [
        ("730366215", [0x07, 0x81, 0x88, 0x2b]),
        ("0x8", [8, 0, 0, 0]),
    ] {
        value["finalized_header"]["execution"]["base_fee_per_gas"] = json!(text);
        let parsed: Update = fixtures::parse(&value);
        let execution = parsed.finalized_header.execution.expect("a payload");
        assert_eq!(execution.base_fee_per_gas.0[..4], first);
        assert_eq!(execution.base_fee_per_gas.0[4..], [0; 28]);
    }
    let written = serde_json::to_value(&update).expect("JSON");
    assert_eq!(fixtures::parse::<Update>(&written), update);
}

#[test]
fn objects_with_half_of_something_are_refused() {
    let config = forge::electra();
    let client = forge::client(config, 8, true);
    let honest = Plan::new(config, 9, 20).forge();
    client.prepare(&honest).expect("an honest update");
    let refused = |change: &dyn Fn(&mut Update)| {
        let mut update = honest.clone();
        change(&mut update);
        client.prepare(&update).expect_err("half of something")
    };
    let field = |field| BeaconError::MissingField { slot: 20, field };
    assert_eq!(
        refused(&|u| u
            .attested_header
            .execution
            .as_mut()
            .expect("a payload")
            .blob_gas_used = None),
        field("blob_gas_used")
    );
    assert_eq!(
        refused(&|u| u
            .attested_header
            .execution
            .as_mut()
            .expect("a payload")
            .excess_blob_gas = None),
        field("excess_blob_gas")
    );
    assert_eq!(
        refused(&|u| u.finalized_header.execution = None),
        BeaconError::HalfExecution { slot: 9 }
    );
    assert_eq!(
        refused(&|u| u.finalized_header.execution_branch = None),
        BeaconError::HalfExecution { slot: 9 }
    );
    assert_eq!(
        refused(&|u| u.next_sync_committee = None),
        BeaconError::HalfNextCommittee
    );
    assert_eq!(
        refused(&|u| u.next_sync_committee_branch = Some(vec![Bytes::ZERO; 6])),
        BeaconError::HalfNextCommittee
    );
    assert_eq!(
        refused(&|u| {
            let execution = u.attested_header.execution.as_mut().expect("a payload");
            execution.extra_data = vec![0; 33];
        }),
        BeaconError::ExtraData { slot: 20, got: 33 }
    );
}

const UPDATE: &str = "01-beacon-mainnet/electra-1600-1602-ssz/update_period1600.ssz";

/// An offset that points elsewhere by one bit, anywhere.
#[test]
fn ssz_offsets_point_to_one_place() {
    let Some(body) = fixtures::bytes(UPDATE) else {
        return;
    };
    let object = &body[12..];
    let decode = |bytes: &[u8]| Update::from_ssz(bytes, Fork::Electra, &MAINNET.preset);
    decode(object).expect("a recorded update");
    // The attested header's offset, the finalized header's, and within the first header its payload's.
    let first = u32::from_le_bytes(*object.first_chunk().expect("bytes")) as usize;
    let finalized = 4 + 513 * 48 + 6 * 32;
    let extra_data = first + 112 + 4 + 4 * 32 + 436;
    for offset in [0, finalized, first + 112, extra_data] {
        for bit in 0..32 {
            let mut changed = object.to_vec();
            changed[offset + bit / 8] ^= 1 << (bit % 8);
            let refused = decode(&changed);
            assert!(
                matches!(refused, Err(BeaconError::Ssz(_))),
                "offset at {offset}, bit {bit}"
            );
        }
    }
}

#[test]
fn ssz_bodies_of_other_lengths_are_refused() {
    let Some(body) = fixtures::bytes(UPDATE) else {
        return;
    };
    assert_eq!(
        updates_from_ssz(&body, &MAINNET)
            .expect("a recorded body")
            .len(),
        1
    );
    assert_eq!(updates_from_ssz(&[], &MAINNET), Ok(Vec::new()));
    let twice = [body.as_slice(), &body].concat();
    assert_eq!(
        updates_from_ssz(&twice, &MAINNET)
            .expect("two updates")
            .len(),
        2
    );
    for length in (1..body.len()).step_by(61).chain([body.len() - 1]) {
        updates_from_ssz(&body[..length], &MAINNET).expect_err("a shorter body");
    }
    let longer = [body.as_slice(), &[0]].concat();
    assert_eq!(
        updates_from_ssz(&longer, &MAINNET),
        Err(BeaconError::Ssz(SszError::Truncated {
            field: "length of an update",
            needed: 8,
            remaining: 1,
        }))
    );
    // Extra data is the last field of all, and can be at most 32 bytes long.
    let mut long = [&body[12..], &[0; 33]].concat();
    let refused = Update::from_ssz(&long, Fork::Electra, &MAINNET.preset);
    assert!(
        matches!(refused, Err(BeaconError::Ssz(SszError::TooLong { .. }))),
        "{refused:?}"
    );
    long.clear();
    let refused = Update::from_ssz(&long, Fork::Genesis, &MAINNET.preset);
    assert_eq!(refused, Err(BeaconError::Ssz(SszError::BeforeAltair)));
}
