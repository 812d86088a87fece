//! `EthGetProof`: recorded answers of execution nodes, with the state roots that they are under.

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{Address, Slot, encode_state_proof, keccak256};
use valence_coprocessor_forged_chain::Asked;
use valence_coprocessor_protocol::StateRoot;

use crate::{fixed, folder, hex, json, node_json, nodes};

const MAINNET: &str = "04-eip1186-mainnet";
const EXECUTION_APIS: &str = "09-execution-apis";

/// An answer to `eth_getProof`.
#[derive(Debug)]
pub struct EthGetProof {
    /// Where it is recorded.
    pub path: String,
    /// What it is under.
    pub state_root: StateRoot,
    /// Whose account it proves.
    pub address: Address,
    /// The answer itself.
    pub proof: Value,
}

impl EthGetProof {
    /// Reads one, under this state root or, if none is recorded, under the root that it has.
    pub fn read(path: &str, state_root: Option<[u8; 32]>) -> Option<Self> {
        let proof = node_json(path)?;
        Some(Self::new(path, proof, state_root))
    }

    fn new(path: &str, proof: Value, state_root: Option<[u8; 32]>) -> Self {
        let root = state_root.unwrap_or_else(|| keccak256(&nodes(&proof["accountProof"])[0]));
        Self {
            path: path.to_owned(),
            state_root: StateRoot::from_bytes(root),
            address: Address::from_bytes(fixed(&proof["address"])),
            proof,
        }
    }

    /// The slots that were asked for.
    pub fn slots(&self) -> &[Value] {
        self.proof["storageProof"]
            .as_array()
            .expect("slots are an array")
    }

    /// The key of a slot.
    pub fn slot(&self, index: usize) -> Slot {
        Slot::from_bytes(fixed(&self.slots()[index]["key"]))
    }

    /// The proof of all slots.
    pub fn encode(&self) -> Vec<u8> {
        let all: Vec<usize> = (0..self.slots().len()).collect();
        self.encode_slots(&all)
    }

    /// What the circuit is asked for the account and some slots.
    pub fn asked(&self, slots: &[usize]) -> Asked {
        let keys: Vec<[u8; 32]> = slots
            .iter()
            .map(|index| *self.slot(*index).as_bytes())
            .collect();
        Asked::slots(
            *self.state_root.as_bytes(),
            *self.address.as_bytes(),
            &keys,
            self.encode_slots(slots),
        )
    }

    /// The fields of the account as the node says them, in the bytes that the circuit gives; none of an absent account.
    pub fn account_fields(&self) -> Vec<u8> {
        let number = |name: &str| {
            let digits = self.proof[name].as_str().expect("a quantity");
            let digits = digits.strip_prefix("0x").expect("a quantity");
            fixed::<32>(&Value::String(format!("0x{digits:0>64}")))
        };
        let (nonce, balance) = (number("nonce"), number("balance"));
        let code_hash: [u8; 32] = fixed(&self.proof["codeHash"]);
        // Nodes say of an absent account what is true of an empty one, which no state has since EIP-161.
        let has_code = code_hash != [0; 32] && code_hash != keccak256(&[]);
        if nonce == [0; 32] && balance == [0; 32] && !has_code {
            return Vec::new();
        }
        let storage_root: [u8; 32] = fixed(&self.proof["storageHash"]);
        [&nonce[24..], &balance, &storage_root, &code_hash].concat()
    }

    fn encode_slots(&self, slots: &[usize]) -> Vec<u8> {
        let slots: Vec<_> = slots
            .iter()
            .map(|index| nodes(&self.slots()[*index]["proof"]))
            .collect();
        encode_state_proof(&nodes(&self.proof["accountProof"]), &slots)
    }
}

/// All recorded answers: of mainnet, of Sepolia, and of the execution APIs' test chain.
pub fn eth_get_proofs() -> Vec<EthGetProof> {
    let mut files = vec![
        (
            format!("{MAINNET}/sepolia-union/valid_absence_proof_sepolia.json"),
            None,
        ),
        (
            format!("{MAINNET}/sepolia-union/valid_storage_proof_sepolia.json"),
            None,
        ),
        (
            format!("{MAINNET}/electra-22816586-valence-vault/proof-short.json"),
            None,
        ),
        (
            "01-beacon-mainnet/deneb-1167-e2e-json/EthGetProof.json".to_owned(),
            None,
        ),
    ];
    files.extend(anchored());
    files
        .iter()
        .filter_map(|(path, root)| EthGetProof::read(path, *root))
        .chain(of_test_chain())
        .collect()
}

/// The answers of mainnet beside which the block is recorded.
fn anchored() -> Vec<(String, Option<[u8; 32]>)> {
    let (Some(folder), Some(anchors), Some(block)) = (
        folder(),
        json(&format!("{MAINNET}/anchors.derived.json")),
        node_json(&format!("{MAINNET}/deneb-21925176-helios/block.json")),
    ) else {
        return Vec::new();
    };
    let mut files: Vec<_> = ["proof", "block_miner_proof"]
        .map(|name| {
            let path = format!("{MAINNET}/deneb-21925176-helios/{name}.json");
            (path, Some(fixed(&block["stateRoot"])))
        })
        .into();
    for anchor in anchors.as_array().expect("anchors are an array") {
        let name = anchor["folder"].as_str().expect("a folder has a name");
        let Ok(entries) = std::fs::read_dir(folder.join(MAINNET).join(name)) else {
            continue;
        };
        for entry in entries {
            let file = entry.expect("an entry of the folder").file_name();
            let file = file.to_str().expect("names are ASCII");
            if file.starts_with("eth_getProof_") {
                let path = format!("{MAINNET}/{name}/{file}");
                files.push((path, Some(fixed(&anchor["state_root"]))));
            }
        }
    }
    files
}

/// Answers of the execution APIs' test chain, all under its newest block.
fn of_test_chain() -> Vec<EthGetProof> {
    let Some(newest) = exchange("eth_getBlockByNumber/get-latest.io") else {
        return Vec::new();
    };
    let root = fixed(&newest["stateRoot"]);
    ["blockhash", "default-block", "latest", "with-storage"]
        .map(|name| {
            let file = format!("eth_getProof/get-account-proof-{name}.io");
            let answer = exchange(&file).expect("the folder is there");
            EthGetProof::new(&file, answer, Some(root))
        })
        .into()
}

/// What the node answered in a recorded exchange of the execution APIs' test chain: the line that it sent.
pub fn exchange(file: &str) -> Option<Value> {
    let text = std::fs::read_to_string(folder()?.join(EXECUTION_APIS).join(file))
        .expect("the recorded exchange is readable");
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("<< "))
        .expect("the node answered");
    let mut answer: Value = serde_json::from_str(line).expect("the answer is JSON");
    Some(answer["result"].take())
}

/// What the circuit is asked for a recorded header, with the block's hash, and the state root that it must give.
pub fn asked_header() -> Option<(Asked, [u8; 32])> {
    let encoded = exchange("debug_getRawHeader/get-block-n.io")?;
    let encoded = hex(encoded.as_str().expect("a header"));
    // A list's head of 3 bytes, then two hashes, an address and the state root, each behind one byte.
    let state_root = encoded[3 + 33 + 33 + 21 + 1..].first_chunk();
    let state_root = *state_root.expect("a header has a state root");
    Some((Asked::header(keccak256(&encoded), encoded), state_root))
}
