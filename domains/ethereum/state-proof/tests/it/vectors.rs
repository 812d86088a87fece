//! Replays `testing/vectors`, which a Python script makes from the drawing of the encoding in docs/protocol.md.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{
    Account, Address, Outcome, ReceiptsRoot, Slot, SlotValue, TransactionType,
};
use valence_coprocessor_protocol::StateRoot;

use crate::receipts::TYPES;
use crate::world::{decoded, every_byte_counts};

fn vectors() -> Value {
    let mut all: Value =
        serde_json::from_str(include_str!("../../../../../testing/vectors/vectors.json"))
            .expect("vectors.json is JSON");
    all["ethereum"].take()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("{key} is a text"))
}

fn bytes(value: &Value, key: &str) -> Vec<u8> {
    crate::fixtures::hex(&format!("0x{}", text(value, key)))
}

fn fixed<const N: usize>(value: &Value, key: &str) -> [u8; N] {
    bytes(value, key)
        .try_into()
        .unwrap_or_else(|_| panic!("{key} has {N} bytes"))
}

fn number(value: &Value, key: &str) -> u64 {
    text(value, key)
        .parse()
        .unwrap_or_else(|error| panic!("{key} is a number: {error}"))
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value[key]
        .as_array()
        .unwrap_or_else(|| panic!("{key} is a list"));
    assert!(!list.is_empty(), "{key} has vectors");
    list
}

fn slot(value: &Value, key: &str) -> Slot {
    Slot::from_bytes(fixed(value, key))
}

#[test]
fn accounts_and_slots() {
    let given = vectors();
    let root = StateRoot::from_bytes(fixed(&given, "state_root"));
    let address = |key: &str| Address::from_bytes(fixed(&given, key));
    let (mapping, string) = (&given["mapping"], &given["string"]);
    let entry = slot(mapping, "slot").entry_of(&Address::from_bytes(fixed(mapping, "key")));
    assert_eq!(entry, slot(mapping, "entry"));
    let value = bytes(string, "value");
    let proof = bytes(&given, "proof");
    every_byte_counts(&proof, &[0x04], |proof| {
        decoded(proof, |proof| {
            let account = proof.account(&root, &address("contract"))?;
            if let Some(state) = account.present() {
                assert_eq!(state.nonce, number(&given, "nonce"));
                assert_eq!(state.balance, fixed(&given, "balance"));
                assert_eq!(state.code_hash, fixed(&given, "code_hash"));
                assert!(state.is_code(b"code"));
            }
            let empty = proof.account(&root, &address("empty_account"))?;
            assert!(empty.present().is_some_and(|state| !state.has_code()));
            assert_eq!(
                proof.account(&root, &address("absent_account"))?,
                Account::Absent
            );
            for given in list(&given, "slots") {
                let found = proof.slot(&account, &slot(given, "slot"))?;
                assert_eq!(found.to_word(), fixed(given, "value"));
                assert_eq!(found == SlotValue::Absent, found.to_word() == [0; 32]);
            }
            let found = proof.bytes(&account, &slot(string, "slot"), value.len())?;
            assert_eq!(found, value);
            Ok(())
        })
    });
}

#[test]
fn receipts() {
    let given = vectors();
    let root = ReceiptsRoot::from_bytes(fixed(&given, "receipts_root"));
    let log = &given["log"];
    decoded(&bytes(&given, "receipts_proof"), |proof| {
        for given in list(&given, "receipts") {
            let receipt = proof.receipt(&root, number(given, "index"))?;
            let Some(receipt) = receipt else {
                assert_eq!(text(given, "is_present"), "no");
                continue;
            };
            assert_eq!(text(given, "is_present"), "yes");
            let kind: TransactionType =
                TYPES[usize::try_from(number(given, "type")).expect("a type")];
            assert_eq!(receipt.transaction_type, kind);
            let outcome = [Outcome::Failed, Outcome::Succeeded]
                [usize::try_from(number(given, "status")).expect("a status")];
            assert_eq!(receipt.outcome, outcome);
            assert_eq!(
                receipt.cumulative_gas_used,
                number(given, "cumulative_gas_used")
            );
            assert_eq!(receipt.logs().count() as u64, number(given, "logs"));
            for found in receipt.logs() {
                let found = found.expect("the log is well-formed");
                assert_eq!(found.address.as_bytes(), &fixed::<20>(log, "address"));
                assert_eq!(found.data, bytes(log, "data"));
                let topics = list(log, "topics").iter().map(|topic| {
                    crate::fixtures::hex(&format!("0x{}", topic.as_str().expect("a text")))
                });
                assert!(found.topics.iter().map(|topic| topic.to_vec()).eq(topics));
            }
        }
        Ok(())
    })
    .expect("the receipts are proven");
}
