//! Answers recorded beside light-client updates: proven under the state root of a finalized header.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, SlotValue, encode_state_proof};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, fixed, nodes};
use crate::world::decoded;

/// The value of one slot, and the storage root that the account has.
fn ask(root: &Value, address: &Value, account: &Value, slot: &Value) -> (SlotValue, [u8; 32]) {
    let root = StateRoot::from_bytes(fixed(root));
    let bytes = encode_state_proof(&nodes(account), &[nodes(&slot["proof"])]);
    decoded(&bytes, |proof| {
        let account = proof.account(&root, &Address::from_bytes(fixed(address)))?;
        let value = proof.slot(&account, &Slot::from_bytes(fixed(&slot["key"])))?;
        Ok((value, account.storage_root()))
    })
    .expect("a recorded answer is proven")
}

/// A Fulu devnet: messages of a bridge contract, each under the header that the update before it finalized.
#[test]
fn slots_of_a_devnet_are_proven_under_finalized_headers() {
    let name = "Test_ICS20TransferERC20TokenfromEthereumToCosmosAndBack.derived.json";
    let Some(recorded) = fixtures::json(&format!(
        "02-beacon-testnets/devnet-fulu-minimal-e2e/{name}"
    )) else {
        return;
    };
    let (mut root, mut proven) = (Value::Null, 0);
    for step in recorded["sequence"].as_array().expect("steps are a list") {
        if step["kind"] == "light_client_update" {
            root = step["update"]["finalized_header"]["execution"]["state_root"].clone();
            continue;
        }
        let (account, slot) = (&step["account_proof"], &step["storage_proof"]);
        let (value, storage_root) = ask(&root, &step["address"], &account["proof"], slot);
        assert_eq!(storage_root, fixed::<32>(&account["storage_root"]));
        assert_eq!(value, SlotValue::Present(fixed(&slot["value"])));
        proven += 1;
    }
    assert_eq!(proven, 2);
}

/// Mainnet's Uniswap V2 factory, of which a slot is asked that nothing was ever written to.
#[test]
fn an_absent_slot_is_proven_under_a_finalized_header() {
    let folder = "01-beacon-mainnet/deneb-1167-e2e-json";
    let (Some(update), Some(answer)) = (
        fixtures::json(&format!("{folder}/FinalityUpdateDeneb.json")),
        fixtures::json(&format!("{folder}/EthGetProof.json")),
    ) else {
        return;
    };
    let root = &update["data"]["finalized_header"]["execution"]["state_root"];
    let slot = &answer["storageProof"][0];
    let (value, storage_root) = ask(root, &answer["address"], &answer["accountProof"], slot);
    assert_eq!(storage_root, fixed::<32>(&answer["storageHash"]));
    assert_eq!(value, SlotValue::Absent);
}
