//! Mainnet's USDC, as recorded: block 22196273, and the largest holder of that day (Sky's `LitePSM`).

use std::path::PathBuf;

use alloy_primitives::U256;
use serde_json::Value;
use storage_proof_core::{TRUSTED, USDC, usdc_balance};
use valence_coprocessor_circuit_sdk::{StateProof, StateRoot};
use valence_coprocessor_ethereum_state_proof::{Address, encode_state_proof};

use crate::world::{Request, payload, run_alone};

const FOLDER: &str = "04-eip1186-mainnet/deneb-22196273-usdc-mapping-slots";
const FILE: &str = "eth_getProof_0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48.json";
const NUMBER: u64 = 22_196_273;
/// From anchors.derived.json beside the recorded data.
const STATE_ROOT: &str = "0xfee3c12bd3ff9a9203328812e41fa17b43d32609b353034af95610502f4cd247";
const HOLDER: &str = "0x37305b1cd40574e4c5ce33f8e8306be057fd7341";

fn hex(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("0x").expect("hexadecimal starts with 0x");
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a digit"))
        .collect()
}

fn fixed<const N: usize>(text: &str) -> [u8; N] {
    hex(text)
        .try_into()
        .expect("the text has the field's length")
}

fn nodes(value: &Value) -> Vec<Vec<u8>> {
    let list = value.as_array().expect("nodes are a list");
    list.iter()
        .map(|node| hex(node.as_str().expect("nodes are text")))
        .collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "tests take the folder from the environment"
)]
fn recorded() -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/fixtures");
    let folder = std::env::var_os("VALENCE_FIXTURES").map_or_else(beside, PathBuf::from);
    let path = folder.join(FOLDER).join(FILE);
    let Ok(text) = std::fs::read_to_string(&path) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no recorded data at {}",
            path.display()
        );
        #[expect(clippy::print_stderr, reason = "a skipped test must say so")]
        {
            eprintln!("skipped: no recorded data at {}", path.display());
        }
        return None;
    };
    Some(serde_json::from_str(&text).expect("the recorded answer is JSON"))
}

#[test]
fn the_recorded_balance_of_usdc_is_proven() {
    let Some(mut answer) = recorded() else { return };
    let answer = answer["result"].take();
    let holder = Address::from_bytes(fixed(HOLDER));
    let slot = USDC.slot(&holder);
    let slots = answer["storageProof"].as_array().expect("slots are a list");
    let entry = slots
        .iter()
        .find(|entry| hex(entry["key"].as_str().expect("a key")) == slot.as_bytes());
    let entry = entry.expect("the holder's slot is recorded");
    let state_root = StateRoot::from_bytes(fixed(STATE_ROOT));
    let request = Request {
        state_proof: StateProof {
            domain: TRUSTED.id,
            number: NUMBER,
            state_root,
            payload: payload(NUMBER, 1_743_766_000, &state_root),
            proof: encode_state_proof(&nodes(&answer["accountProof"]), &[nodes(&entry["proof"])]),
        },
        holder: holder.as_bytes().to_vec(),
    };
    let output = run_alone(usdc_balance, &request).expect("mainnet's proof is right");
    let word = |index: usize| U256::from_be_slice(&output[32 * index..32 * (index + 1)]);
    assert_eq!(word(1), U256::from(NUMBER));
    // 4,996,521,887.269694 USDC, as the node answered.
    let value = entry["value"].as_str().expect("a value");
    assert_eq!(
        word(6),
        U256::from_str_radix(&value[2..], 16).expect("a number")
    );
    assert_eq!(word(6), U256::from(0x0011_c04f_6834_033e_u64));
}
