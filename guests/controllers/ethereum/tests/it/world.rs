//! A history with blocks of mainnet, and the recorded answers of its nodes.

use std::path::PathBuf;

use serde_json::Value;
use valence_coprocessor_controller_mock::MockHost;
use valence_coprocessor_controller_sdk::{Block, HistoricalUpdate};
use valence_coprocessor_ethereum_state_proof::{BlockHash, BlockPayload, ReceiptsRoot};
use valence_coprocessor_protocol::{DomainId, DomainName, Root};

/// The chain of `ethereum-mainnet`.
pub(crate) const CHAIN: &str = "eth-mainnet";

const RECORDED: &str = "01-beacon-mainnet/deneb-1167-e2e-json";

pub(crate) fn mainnet() -> DomainId {
    DomainId::of(&DomainName::new("ethereum-mainnet").expect("a name"))
}

/// A file of recorded data, or nothing, which is said and fails on CI.
#[expect(
    clippy::disallowed_methods,
    reason = "tests take the folder from the environment"
)]
pub(crate) fn recorded(path: &str) -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/fixtures");
    let folder = std::env::var_os("VALENCE_FIXTURES").map_or_else(beside, PathBuf::from);
    if !folder.is_dir() {
        assert!(std::env::var_os("CI").is_none(), "no recorded data");
        #[expect(clippy::print_stderr, reason = "a skipped test must say so")]
        {
            eprintln!("skipped: no recorded data at {}", folder.display());
        }
        return None;
    }
    let text = std::fs::read_to_string(folder.join(path)).expect("the file is readable");
    Some(serde_json::from_str(&text).expect("the file is JSON"))
}

pub(crate) fn bytes<const N: usize>(value: &Value) -> [u8; N] {
    let text = value.as_str().expect("a string");
    let digits = text.strip_prefix("0x").unwrap_or(text);
    let bytes: Vec<u8> = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a digit"))
        .collect();
    bytes.try_into().expect("so many bytes")
}

fn number(value: &Value) -> u64 {
    value.as_str().expect("a string").parse().expect("a number")
}

/// Block 20360596 of mainnet as a beacon node's finalized header has it, and `eth_getProof` under it.
pub(crate) struct Recorded {
    pub(crate) block: Block,
    pub(crate) payload: BlockPayload,
    pub(crate) proof: Value,
}

impl Recorded {
    pub(crate) fn read() -> Option<Self> {
        let update = recorded(&format!("{RECORDED}/FinalityUpdateDeneb.json"))?;
        let proof = recorded(&format!("{RECORDED}/EthGetProof.json"))?;
        let proof = proof.get("result").unwrap_or(&proof).clone();
        let header = &update["data"]["finalized_header"];
        let execution = &header["execution"];
        let payload = BlockPayload {
            block_hash: BlockHash::from_bytes(bytes(&execution["block_hash"])),
            parent: BlockHash::from_bytes(bytes(&execution["parent_hash"])),
            receipts_root: ReceiptsRoot::from_bytes(bytes(&execution["receipts_root"])),
            prev_randao: bytes(&execution["prev_randao"]),
            // Nothing here looks at it.
            beacon_block_root: [0; 32],
            slot: number(&header["beacon"]["slot"]),
            timestamp: number(&execution["timestamp"]),
        };
        let block = Block {
            domain: *mainnet().as_bytes(),
            number: number(&execution["block_number"]),
            root: bytes(&execution["state_root"]),
            payload: payload.encode().to_vec(),
        };
        Some(Self {
            block,
            payload,
            proof,
        })
    }

    pub(crate) fn address(&self) -> String {
        self.proof["address"]
            .as_str()
            .expect("an address")
            .to_owned()
    }

    /// The one recorded slot, which is absent.
    pub(crate) fn slot(&self) -> String {
        let key = &self.proof["storageProof"][0]["key"];
        key.as_str().expect("a key").to_owned()
    }
}

/// A history of these appends, oldest first, seen by the controller of `ethereum-mainnet`.
pub(crate) fn history(blocks: &[Block]) -> MockHost {
    let mut host = MockHost::new().with_controller(*mainnet().as_bytes());
    let mut root = Root::ZERO;
    for (index, block) in blocks.iter().enumerate() {
        let previous = root;
        root = Root::from_bytes([u8::try_from(index + 1).expect("few"); 32]);
        host = host.with_historical_update(HistoricalUpdate {
            uuid: [0; 16],
            root: *root.as_bytes(),
            previous: *previous.as_bytes(),
            block: block.clone(),
        });
    }
    host.with_root(root)
}
