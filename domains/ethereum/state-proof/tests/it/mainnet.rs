//! Recorded answers of mainnet's and Sepolia's nodes to `eth_getProof`.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{
    Account, Address, Slot, SlotValue, encode_state_proof, keccak256,
};
use valence_coprocessor_protocol::StateRoot;

use crate::fixtures::{self, fixed, nodes};
use crate::world::decoded;

/// An answer to `eth_getProof`, with the state root that it is under.
pub(crate) struct Answer {
    pub(crate) state_root: StateRoot,
    pub(crate) address: Address,
    pub(crate) proof: Value,
}

impl Answer {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let slots: Vec<_> = self
            .slots()
            .iter()
            .map(|slot| nodes(&slot["proof"]))
            .collect();
        encode_state_proof(&nodes(&self.proof["accountProof"]), &slots)
    }

    pub(crate) fn slots(&self) -> &[Value] {
        self.proof["storageProof"]
            .as_array()
            .expect("slots are an array")
    }

    pub(crate) fn slot(&self, index: usize) -> Slot {
        Slot::from_bytes(fixed(&self.slots()[index]["key"]))
    }
}

/// All recorded answers.
pub(crate) fn answers() -> Vec<Answer> {
    let Some(folder) = fixtures::folder() else {
        return Vec::new();
    };
    let base = folder.join("04-eip1186-mainnet");
    let anchors =
        fixtures::json("04-eip1186-mainnet/anchors.derived.json").expect("the folder is there");
    let mut files = vec![
        (
            "04-eip1186-mainnet/sepolia-union/valid_absence_proof_sepolia.json".to_owned(),
            None,
        ),
        (
            "04-eip1186-mainnet/sepolia-union/valid_storage_proof_sepolia.json".to_owned(),
            None,
        ),
        (
            "04-eip1186-mainnet/electra-22816586-valence-vault/proof-short.json".to_owned(),
            None,
        ),
        (
            "01-beacon-mainnet/deneb-1167-e2e-json/EthGetProof.json".to_owned(),
            None,
        ),
    ];
    let block = fixtures::json("04-eip1186-mainnet/deneb-21925176-helios/block.json")
        .expect("the folder is there");
    for name in ["proof", "block_miner_proof"] {
        let file = format!("04-eip1186-mainnet/deneb-21925176-helios/{name}.json");
        files.push((file, Some(fixed(&block["stateRoot"]))));
    }
    for anchor in anchors.as_array().expect("anchors are an array") {
        let name = anchor["folder"].as_str().expect("a folder has a name");
        let Ok(entries) = std::fs::read_dir(base.join(name)) else {
            continue;
        };
        for entry in entries {
            let file = entry.expect("an entry of the folder").file_name();
            let file = file.to_str().expect("names are ASCII");
            if file.starts_with("eth_getProof_") {
                files.push((
                    format!("04-eip1186-mainnet/{name}/{file}"),
                    Some(fixed(&anchor["state_root"])),
                ));
            }
        }
    }
    let read = |(file, root): (String, Option<[u8; 32]>)| {
        let proof = fixtures::json(&file).expect("the folder is there");
        // Where no anchor is recorded, the answer's own first node stands for the root.
        let root = root.unwrap_or_else(|| keccak256(&nodes(&proof["accountProof"])[0]));
        Answer {
            state_root: StateRoot::from_bytes(root),
            address: Address::from_bytes(fixed(&proof["address"])),
            proof,
        }
    };
    files.into_iter().map(read).collect()
}

#[test]
fn nodes_answers_are_proven() {
    let answers = answers();
    assert!(
        fixtures::folder().is_none() || answers.len() >= 13,
        "{} answers",
        answers.len()
    );
    for answer in answers {
        let bytes = answer.encode();
        decoded(&bytes, |proof| {
            let account = proof.account(&answer.state_root, &answer.address)?;
            let Account::Present(state) = account else {
                panic!("the account is recorded as present")
            };
            assert_eq!(state.balance, fixed::<32>(&answer.proof["balance"]));
            assert_eq!(
                state.nonce.to_be_bytes(),
                fixed::<8>(&answer.proof["nonce"])
            );
            assert_eq!(
                state.storage_root,
                fixed::<32>(&answer.proof["storageHash"])
            );
            assert_eq!(state.code_hash, fixed::<32>(&answer.proof["codeHash"]));
            for (index, recorded) in answer.slots().iter().enumerate() {
                let value = proof.slot(&account, &answer.slot(index))?;
                let expected = fixed::<32>(&recorded["value"]);
                assert_eq!(value.to_word(), expected);
                assert_eq!(value == SlotValue::Absent, expected == [0; 32]);
            }
            Ok(())
        })
        .expect("a recorded answer is proven");
    }
}
