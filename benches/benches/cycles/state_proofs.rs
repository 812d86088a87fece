//! State proofs of Ethereum, without an opening: accounts, slots and a receipt.

use alloy_primitives::{Bloom, Log, U256, keccak256};
use valence_coprocessor_ethereum_state_proof::{encode_nodes, encode_state_proof};
use valence_coprocessor_forged_chain::{Asked, account, hashed, list, prove};
use valence_coprocessor_recorded_chain::EthGetProof;

use crate::table::{Row, Table};

/// What an account and a slot of mainnet may cost.
const ACCOUNT_AND_SLOT: u64 = 80_000;
/// Entries of the tries that are made here.
const ENTRIES: u64 = 1 << 18;
const CONTRACT: [u8; 20] = [0x11; 20];

const MAINNET: &str = "04-eip1186-mainnet";

/// Answers of mainnet's nodes, then tries made here.
pub(crate) fn table() -> Table {
    let mut rows = recorded();
    rows.extend(slots());
    rows.push(receipt());
    Table {
        program: "state-proof-cycles.elf",
        rows,
    }
}

fn recorded() -> Vec<Row> {
    let usdc = format!(
        "{MAINNET}/deneb-22196273-usdc-mapping-slots/eth_getProof_0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.json"
    );
    let factory = "01-beacon-mainnet/deneb-1167-e2e-json/EthGetProof.json";
    let vault = format!("{MAINNET}/electra-22816586-valence-vault/proof-short.json");
    let rows = [
        (
            "account and slot of mainnet's USDC (block 22,196,273)",
            usdc.as_str(),
            vec![2],
            Some(ACCOUNT_AND_SLOT),
        ),
        (
            "account and absent slot of Uniswap V2's factory (block 20,360,596)",
            factory,
            vec![0],
            Some(ACCOUNT_AND_SLOT),
        ),
        (
            "account and three slots of mainnet's USDC",
            usdc.as_str(),
            vec![0, 1, 2],
            None,
        ),
        (
            "account and six slots of a vault on mainnet (block 22,816,586)",
            vault.as_str(),
            (0..6).collect(),
            None,
        ),
    ];
    rows.into_iter()
        .filter_map(|(what, path, slots, aim)| {
            let answer = EthGetProof::read(path, None)?;
            let mut row = Row::new(what, Asked::input(&[answer.asked(&slots)]));
            row.aim = aim;
            if slots.len() > 1 {
                let alone: Vec<_> = slots.iter().map(|slot| answer.asked(&[*slot])).collect();
                row = row.apart(Asked::input(&alone));
            }
            Some(row)
        })
        .collect()
}

/// One slot and ten slots of one contract.
fn slots() -> [Row; 2] {
    let slot = |index: u64| U256::from(index).to_be_bytes::<32>();
    let value = |index: u64| alloy_rlp::encode(U256::MAX - U256::from(index));
    let storage = (0..ENTRIES).map(|index| (hashed(&slot(index)), value(index)));
    let keys: Vec<_> = (0..10).map(|index| hashed(&slot(index))).collect();
    let (storage_root, slots) = prove(storage.collect(), &keys);
    let mut state: Vec<_> = (0..ENTRIES)
        .map(|index| (hashed(&slot(index)), account(U256::ZERO, [0; 32])))
        .collect();
    state.push((hashed(&CONTRACT), account(U256::ZERO, storage_root)));
    let (state_root, paths) = prove(state, &[hashed(&CONTRACT)]);
    let asked = |wanted: &[u64]| {
        let keys: Vec<_> = wanted.iter().map(|index| slot(*index)).collect();
        let chosen: Vec<_> = wanted
            .iter()
            .map(|index| slots[usize::try_from(*index).expect("below ten")].clone())
            .collect();
        let proof = encode_state_proof(&paths[0], &chosen);
        Asked::slots(state_root, CONTRACT, &keys, proof)
    };
    let all: Vec<u64> = (0..10).collect();
    let alone: Vec<_> = all.iter().map(|index| asked(&[*index])).collect();
    [
        Row::new(
            "account and one slot, tries of 262,144 entries made for this",
            Asked::input(&[asked(&[0])]),
        ),
        Row::new(
            "account and ten slots of one contract, the same tries",
            Asked::input(&[asked(&all)]),
        )
        .apart(Asked::input(&alone)),
    ]
}

/// One receipt of 200, each with the three logs of a swap: a transfer, another, and the pool's own.
fn receipt() -> Row {
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
    let entries = (0..200_u64).map(|index| (alloy_rlp::encode(index), value(index)));
    let (root, paths) = prove(entries.collect(), &[alloy_rlp::encode(77_u64)]);
    let asked = Asked::receipt(root, 77, encode_nodes([paths[0].as_slice()]));
    Row::new(
        "a receipt of 200 with three logs, made for this; its log 0 read",
        Asked::input(&[asked]),
    )
}
