//! Ethereum mainnet in Deneb: a whole path from a bootstrap to an account.
//!
//! The recorded files hold bootstrap (slot 9567456), the update of period 1167, a finality update that
//! finalizes the bootstrap's block, and `eth_getProof` under that block. What else is answered follows
//! from them, or is a constant of the network (consensus-specs, `configs/mainnet.yaml`): so does the
//! bootstrap of an earlier block, from which the recorded finality is a step.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value, json};

use crate::{
    PlayerError, Recording,
    recording::{part, read},
    root::{block_root, committee_root},
};

const PERIOD: u64 = 1167;

/// `MAX_REQUEST_LIGHT_CLIENT_UPDATES`.
const MAX_UPDATES: u64 = 128;

const GENESIS_VALIDATORS_ROOT: &str =
    "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95";

/// Forks with version and epoch.
const FORKS: [(&str, &str, u64); 7] = [
    ("GENESIS", "0x00000000", 0),
    ("ALTAIR", "0x01000000", 74_240),
    ("BELLATRIX", "0x02000000", 144_896),
    ("CAPELLA", "0x03000000", 194_048),
    ("DENEB", "0x04000000", 269_568),
    ("ELECTRA", "0x05000000", 364_032),
    ("FULU", "0x06000000", 411_392),
];

impl Recording {
    /// The recording in a folder with `BootstrapDeneb.json`, `UpdateDeneb.json`,
    /// `FinalityUpdateDeneb.json` and `EthGetProof.json`.
    pub fn mainnet_deneb(folder: &Path) -> Result<Self, PlayerError> {
        let recording = Self::new().with_network().with_updates(folder)?;
        let file = folder.join("FinalityUpdateDeneb.json");
        let update = read(&file)?;
        let finalized = part(&file, &update, "/data/finalized_header")?;
        let attested = part(&file, &update, "/data/attested_header")?;
        recording
            .with_finality(&update)
            .with_bootstrap(folder)?
            .with_earlier_bootstrap(folder)?
            .with_block(&file, &finalized, Some("finalized"))?
            .with_block(&file, &attested, Some("head"))?
            .with_execution_block(&file, &finalized, &["finalized", "safe"])?
            .with_execution_block(&file, &attested, &["latest"])?
            .with_proof(folder, &file, &finalized)
    }

    fn with_network(self) -> Self {
        let mut spec = Map::new();
        for (name, value) in [
            ("PRESET_BASE", "mainnet"),
            ("CONFIG_NAME", "mainnet"),
            ("SECONDS_PER_SLOT", "12"),
            ("SLOTS_PER_EPOCH", "32"),
            ("EPOCHS_PER_SYNC_COMMITTEE_PERIOD", "256"),
            ("SYNC_COMMITTEE_SIZE", "512"),
            ("MIN_SYNC_COMMITTEE_PARTICIPANTS", "1"),
            ("DOMAIN_SYNC_COMMITTEE", "0x07000000"),
            ("DEPOSIT_CHAIN_ID", "1"),
        ] {
            spec.insert(name.to_owned(), json!(value));
        }
        let mut schedule = Vec::new();
        let mut previous = FORKS[0].1;
        for (name, version, epoch) in FORKS {
            spec.insert(format!("{name}_FORK_VERSION"), json!(version));
            if name != "GENESIS" {
                spec.insert(format!("{name}_FORK_EPOCH"), json!(epoch.to_string()));
            }
            schedule.push(json!({
                "previous_version": previous,
                "current_version": version,
                "epoch": epoch.to_string(),
            }));
            previous = version;
        }
        self.answer("/eth/v1/config/spec", json!({"data": spec}))
            .answer("/eth/v1/config/fork_schedule", json!({"data": schedule}))
            .answer(
                "/eth/v1/beacon/genesis",
                json!({"data": {
                    "genesis_time": "1606824023",
                    "genesis_validators_root": GENESIS_VALIDATORS_ROOT,
                    "genesis_fork_version": FORKS[0].1,
                }}),
            )
            .answer("/eth/v1/node/health", Value::Null)
            .call("eth_chainId", json!([]), json!("0x1"))
            .call("net_version", json!([]), json!("1"))
            .call("eth_syncing", json!([]), json!(false))
    }

    /// The one recorded update, whatever number is asked for: there are no later ones.
    fn with_updates(mut self, folder: &Path) -> Result<Self, PlayerError> {
        let updates = Arc::new(read(&folder.join("UpdateDeneb.json"))?);
        for count in 1..=MAX_UPDATES {
            let route =
                format!("/eth/v1/beacon/light_client/updates?start_period={PERIOD}&count={count}");
            self = self.shared_answer(&route, updates.clone());
        }
        Ok(self)
    }

    /// An optimistic update is a part of the finality update.
    fn with_finality(self, update: &Value) -> Self {
        const PREFIX: &str = "/eth/v1/beacon/light_client";
        let mut optimistic = update.clone();
        if let Some(data) = optimistic["data"].as_object_mut() {
            data.remove("finalized_header");
            data.remove("finality_branch");
        }
        let head = update["data"]["attested_header"]["beacon"]["slot"].clone();
        self.answer(&format!("{PREFIX}/finality_update"), update.clone())
            .answer(&format!("{PREFIX}/optimistic_update"), optimistic)
            .answer(
                "/eth/v1/node/syncing",
                json!({"data": {
                    "head_slot": head,
                    "sync_distance": "0",
                    "is_syncing": false,
                    "is_optimistic": false,
                    "el_offline": false,
                }}),
            )
    }

    fn with_bootstrap(self, folder: &Path) -> Result<Self, PlayerError> {
        let file = folder.join("BootstrapDeneb.json");
        let bootstrap = read(&file)?;
        let header = part(&file, &bootstrap, "/data/header/beacon")?;
        let root = block_root(&file, &header)?;
        let route = format!("/eth/v1/beacon/light_client/bootstrap/{root}");
        Ok(self.answer(&route, bootstrap))
    }

    /// The bootstrap of the update's attested block, which lies in the period of the recorded one. So its current
    /// committee is the same; of the branch, the update proves all but the first node, which is the sibling: the
    /// root of the next committee (generalized indices 54 and 55 until Deneb).
    fn with_earlier_bootstrap(self, folder: &Path) -> Result<Self, PlayerError> {
        let file = folder.join("BootstrapDeneb.json");
        let mut bootstrap = read(&file)?;
        let committee = part(&file, &bootstrap, "/data/current_sync_committee")?;
        let file = folder.join("UpdateDeneb.json");
        let update = part(&file, &read(&file)?, "/0/data")?;
        let header = part(&file, &update, "/attested_header")?;
        let next = part(&file, &update, "/next_sync_committee")?;
        let mut branch = part(&file, &update, "/next_sync_committee_branch")?;
        if let Some(first) = branch.get_mut(0) {
            *first = json!(committee_root(&file, &next)?);
        }
        bootstrap["data"] = json!({
            "header": header,
            "current_sync_committee": committee,
            "current_sync_committee_branch": branch,
        });
        let root = block_root(&file, &header["beacon"])?;
        let route = format!("/eth/v1/beacon/light_client/bootstrap/{root}");
        self.answer(&route, bootstrap)
            .with_block(&file, &header, None)
    }

    /// A block by its name, slot and root. Its signature was not recorded and is zero.
    fn with_block(
        mut self,
        file: &Path,
        header: &Value,
        name: Option<&str>,
    ) -> Result<Self, PlayerError> {
        let message = part(file, header, "/beacon")?;
        let root = block_root(file, &message)?;
        let is_final = name != Some("head");
        let slot = message["slot"].as_str().unwrap_or_default().to_owned();
        let whole = Arc::new(json!({
            "execution_optimistic": false,
            "finalized": is_final,
            "data": {
                "root": root,
                "canonical": true,
                "header": {"message": message, "signature": format!("0x{}", "00".repeat(96))},
            },
        }));
        let short = Arc::new(json!({
            "execution_optimistic": false,
            "finalized": is_final,
            "data": {"root": root},
        }));
        for id in name.into_iter().chain([slot.as_str(), root.as_str()]) {
            self = self
                .shared_answer(&format!("/eth/v1/beacon/headers/{id}"), whole.clone())
                .shared_answer(&format!("/eth/v1/beacon/blocks/{id}/root"), short.clone());
        }
        Ok(self)
    }

    /// An execution block as far as its payload's header tells: without the tries' roots of transactions
    /// and withdrawals, whose SSZ roots are other ones.
    fn with_execution_block(
        mut self,
        file: &Path,
        header: &Value,
        tags: &[&str],
    ) -> Result<Self, PlayerError> {
        let payload = part(file, header, "/execution")?;
        let number = quantity(&payload["block_number"]);
        let block = json!({
            "number": number,
            "hash": payload["block_hash"],
            "parentHash": payload["parent_hash"],
            "stateRoot": payload["state_root"],
            "receiptsRoot": payload["receipts_root"],
            "logsBloom": payload["logs_bloom"],
            "mixHash": payload["prev_randao"],
            "miner": payload["fee_recipient"],
            "extraData": payload["extra_data"],
            "gasLimit": quantity(&payload["gas_limit"]),
            "gasUsed": quantity(&payload["gas_used"]),
            "timestamp": quantity(&payload["timestamp"]),
            "baseFeePerGas": quantity(&payload["base_fee_per_gas"]),
            "blobGasUsed": quantity(&payload["blob_gas_used"]),
            "excessBlobGas": quantity(&payload["excess_blob_gas"]),
            "parentBeaconBlockRoot": header["beacon"]["parent_root"],
        });
        for details in [true, false] {
            let hash = json!([payload["block_hash"], details]);
            self = self.call("eth_getBlockByHash", hash, block.clone());
            for tag in tags.iter().map(|tag| json!(tag)).chain([json!(number)]) {
                self = self.call("eth_getBlockByNumber", json!([tag, details]), block.clone());
            }
        }
        if tags.contains(&"latest") {
            self = self.call("eth_blockNumber", json!([]), json!(number));
        }
        Ok(self)
    }

    /// The recorded proof, and the same without its slot.
    fn with_proof(
        mut self,
        folder: &Path,
        finality: &Path,
        finalized: &Value,
    ) -> Result<Self, PlayerError> {
        let file = folder.join("EthGetProof.json");
        let proof = part(&file, &read(&file)?, "/result")?;
        let payload = part(finality, finalized, "/execution")?;
        let address = part(&file, &proof, "/address")?;
        let key = part(&file, &proof, "/storageProof/0/key")?;
        let mut account = proof.clone();
        account["storageProof"] = json!([]);
        for block in [
            json!(quantity(&payload["block_number"])),
            json!({"blockHash": payload["block_hash"]}),
            json!("finalized"),
        ] {
            self = self
                .call(
                    "eth_getProof",
                    json!([address, [key], block]),
                    proof.clone(),
                )
                .call("eth_getProof", json!([address, [], block]), account.clone());
        }
        Ok(self)
    }
}

/// A decimal number of the beacon API as a quantity of JSON-RPC.
fn quantity(number: &Value) -> String {
    let number: u64 = number
        .as_str()
        .and_then(|digits| digits.parse().ok())
        .unwrap_or_default();
    format!("{number:#x}")
}
