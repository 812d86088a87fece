//! Writes inputs for the circuit `state-proof-cycles` into a folder, from recorded answers of nodes and from
//! tries made here. docs/performance.md says what they cost.
//!
//!     cargo run -p valence-coprocessor-ethereum-state-proof --example cycle-inputs -- RECORDED-DATA FOLDER

use std::path::{Path, PathBuf};

use alloy_primitives::{B256, Bloom, Log, U256, keccak256};
use alloy_rlp::Header;
use alloy_trie::proof::ProofRetainer;
use alloy_trie::{HashBuilder, Nibbles};
use serde_json::Value;
use valence_coprocessor_circuit_sdk::{OpenedWitness, Root, encode_witnesses};
use valence_coprocessor_ethereum_state_proof::encode_nodes;

/// Entries of the tries that are made here.
const ENTRIES: u64 = 1 << 18;

/// Whatever goes wrong is shown.
type AnyError = Box<dyn std::error::Error>;
/// Nodes from a root on.
type NodePath = Vec<Vec<u8>>;

fn main() -> Result<(), AnyError> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(recorded), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("expected the folder of recorded data and one to write to".into());
    };
    let mainnet = recorded.join("04-eip1186-mainnet");
    let usdc = "eth_getProof_0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.json";
    let recordings = [
        (
            "usdc-1",
            mainnet.join("deneb-22196273-usdc-mapping-slots").join(usdc),
            vec![2],
        ),
        (
            "usdc-3",
            mainnet.join("deneb-22196273-usdc-mapping-slots").join(usdc),
            vec![0, 1, 2],
        ),
        (
            "absent",
            recorded.join("01-beacon-mainnet/deneb-1167-e2e-json/EthGetProof.json"),
            vec![0],
        ),
        (
            "vault-6",
            mainnet.join("electra-22816586-valence-vault/proof-short.json"),
            (0..6).collect(),
        ),
    ];
    for (name, file, slots) in recordings {
        let answer = answer(&file)?;
        write(&folder, name, &[account_and_slots(&answer, &slots)?])?;
        if slots.len() > 1 {
            let alone = slots
                .iter()
                .map(|slot| account_and_slots(&answer, &[*slot]));
            write(
                &folder,
                &format!("{name}-unshared"),
                &alone.collect::<Result<Vec<_>, _>>()?,
            )?;
        }
    }
    ten_slots(&folder)?;
    receipt(&folder)
}

/// A request and its proof.
type Pair = (Vec<u8>, Vec<u8>);

fn write(folder: &Path, name: &str, pairs: &[Pair]) -> Result<(), AnyError> {
    let witnesses: Vec<_> = pairs
        .iter()
        .flat_map(|(request, proof)| [request, proof])
        .map(|bytes| OpenedWitness::Data(bytes.clone()))
        .collect();
    std::fs::write(folder.join(name), encode_witnesses(&Root::ZERO, &witnesses))?;
    Ok(())
}

fn answer(file: &Path) -> Result<Value, AnyError> {
    let mut value: Value = serde_json::from_slice(&std::fs::read(file)?)?;
    for wrapper in ["result", "proof"] {
        if value.get(wrapper).is_some() {
            value = value[wrapper].take();
        }
    }
    Ok(value)
}

fn hex(value: &Value) -> Result<Vec<u8>, AnyError> {
    let text = value.as_str().ok_or("no text")?.trim_start_matches("0x");
    let text = if text.len() % 2 == 1 {
        format!("0{text}")
    } else {
        text.to_owned()
    };
    let digits = |at| u8::from_str_radix(&text[at..at + 2], 16);
    Ok((0..text.len())
        .step_by(2)
        .map(digits)
        .collect::<Result<_, _>>()?)
}

fn nodes(value: &Value) -> Result<NodePath, AnyError> {
    value
        .as_array()
        .ok_or("no nodes")?
        .iter()
        .map(hex)
        .collect()
}

fn account_and_slots(answer: &Value, slots: &[usize]) -> Result<Pair, AnyError> {
    let mut paths = vec![nodes(&answer["accountProof"])?];
    let mut request = [keccak256(&paths[0][0]).to_vec(), hex(&answer["address"])?].concat();
    for slot in slots {
        let slot = &answer["storageProof"][slot];
        request.extend(B256::left_padding_from(&hex(&slot["key"])?));
        paths.push(nodes(&slot["proof"])?);
    }
    Ok((request, encode_nodes(paths.iter().map(Vec::as_slice))))
}

/// Root and paths of keys in a trie of entries.
fn trie(mut entries: Vec<(B256, Vec<u8>)>, keys: &[B256]) -> (B256, Vec<NodePath>) {
    entries.sort();
    let targets: Vec<_> = keys.iter().map(Nibbles::unpack).collect();
    let mut builder =
        HashBuilder::default().with_proof_retainer(ProofRetainer::new(targets.clone()));
    for (key, value) in &entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let all = builder.take_proof_nodes();
    let path = |target: &Nibbles| {
        all.matching_nodes_sorted(target)
            .into_iter()
            .map(|(_, node)| node.to_vec())
            .collect()
    };
    (root, targets.iter().map(path).collect())
}

fn list(fields: &[Vec<u8>]) -> Vec<u8> {
    let payload = fields.concat();
    let mut encoded = Vec::new();
    Header {
        list: true,
        payload_length: payload.len(),
    }
    .encode(&mut encoded);
    [encoded, payload].concat()
}

/// Ten slots of one contract, together and each in a proof of its own.
fn ten_slots(folder: &Path) -> Result<(), AnyError> {
    let slot = |index: u64| B256::from(U256::from(index));
    let hashed = |index: u64| keccak256(slot(index));
    let entries = (0..ENTRIES).map(|index| {
        (
            hashed(index),
            alloy_rlp::encode(U256::MAX - U256::from(index)),
        )
    });
    let keys: Vec<_> = (0..10).map(hashed).collect();
    let (storage_root, slots) = trie(entries.collect(), &keys);
    let address = [0x11; 20];
    let account = |root: B256| {
        list(&[
            alloy_rlp::encode(1_u8),
            alloy_rlp::encode(0_u8),
            alloy_rlp::encode(root),
            alloy_rlp::encode(B256::ZERO),
        ])
    };
    let mut accounts: Vec<_> = (0..ENTRIES)
        .map(|index| (hashed(index), account(B256::ZERO)))
        .collect();
    accounts.push((keccak256(address), account(storage_root)));
    let (state_root, path) = trie(accounts, &[keccak256(address)]);
    let pair = |asked: &[u64]| {
        let mut request = [state_root.as_slice(), &address].concat();
        let mut paths = vec![path[0].as_slice()];
        for index in asked {
            request.extend(slot(*index));
            paths.push(&slots[usize::try_from(*index).unwrap_or_default()]);
        }
        (request, encode_nodes(paths))
    };
    write(folder, "slots-1", &[pair(&[0])])?;
    write(folder, "slots-10", &[pair(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9])])?;
    let alone: Vec<_> = (0..10).map(|index| pair(&[index])).collect();
    write(folder, "slots-10-unshared", &alone)
}

/// One receipt of 200, each with the three logs of a swap: a transfer, another, and the pool's own.
fn receipt(folder: &Path) -> Result<(), AnyError> {
    let log = |topics: u8, words: usize| {
        let topics = (0..topics).map(|topic| keccak256([topic])).collect();
        Log::new_unchecked([0x42; 20].into(), topics, vec![0x5a; 32 * words].into())
    };
    let logs = vec![log(3, 1), log(3, 1), log(3, 5)];
    let bloom: Bloom = logs.iter().collect();
    let value = |index: u64| {
        let fields = [
            vec![1],
            alloy_rlp::encode(21_000 * (index + 1)),
            alloy_rlp::encode(bloom),
            alloy_rlp::encode(&logs),
        ];
        [vec![2], list(&fields)].concat()
    };
    let mut entries: Vec<(Vec<u8>, Vec<u8>)> = (0..200_u64)
        .map(|index| (alloy_rlp::encode(index), value(index)))
        .collect();
    entries.sort();
    let target = Nibbles::unpack(alloy_rlp::encode(77_u64));
    let mut builder = HashBuilder::default().with_proof_retainer(ProofRetainer::new(vec![target]));
    for (key, value) in &entries {
        builder.add_leaf(Nibbles::unpack(key), value);
    }
    let root = builder.root();
    let path: NodePath = builder
        .take_proof_nodes()
        .into_nodes_sorted()
        .into_iter()
        .map(|(_, node)| node.to_vec())
        .collect();
    let request = [root.as_slice(), &77_u64.to_be_bytes()].concat();
    write(
        folder,
        "receipt",
        &[(request, encode_nodes([path.as_slice()]))],
    )
}
