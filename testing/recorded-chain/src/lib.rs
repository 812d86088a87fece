#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "recorded data that cannot be read is a fault of the machine or of the test"
)]

mod account_tries;
mod devnet;
mod eth_get_proof;
mod file;
mod mainnet;
mod steps;
mod sync_case;

pub use account_tries::account_tries;
pub use devnet::{DevnetRun, devnet_run};
pub use eth_get_proof::{EthGetProof, asked_header, eth_get_proofs, exchange};
pub use file::{answer, answers, bytes, fixed, hash, hex, json, node_json, nodes, parse};
pub use mainnet::{NOW, block_root, capella, deneb, electra, ssz_bootstrap, ssz_updates, trusting};
pub use steps::{RecordedStep, consecutive_steps, recorded_steps};
pub use sync_case::{SyncCase, sync_cases};
pub use valence_coprocessor_recorded_data::folder;
