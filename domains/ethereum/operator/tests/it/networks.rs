//! Networks: those that are built in, and those of files and nodes.

use serde_json::json;
use valence_coprocessor_ethereum_operator::{Network, NetworkError, NetworkFile};

/// Mainnet as a node describes it (consensus-specs, `configs/mainnet.yaml`).
fn described() -> (serde_json::Value, serde_json::Value) {
    let specification = json!({"data": {
        "CONFIG_NAME": "mainnet",
        "SECONDS_PER_SLOT": "12",
        "SYNC_COMMITTEE_SIZE": "512",
        "SLOTS_PER_EPOCH": "32",
        "EPOCHS_PER_SYNC_COMMITTEE_PERIOD": "256",
        "GENESIS_FORK_VERSION": "0x00000000",
        "ALTAIR_FORK_VERSION": "0x01000000", "ALTAIR_FORK_EPOCH": "74240",
        "BELLATRIX_FORK_VERSION": "0x02000000", "BELLATRIX_FORK_EPOCH": "144896",
        "CAPELLA_FORK_VERSION": "0x03000000", "CAPELLA_FORK_EPOCH": "194048",
        "DENEB_FORK_VERSION": "0x04000000", "DENEB_FORK_EPOCH": "269568",
        "ELECTRA_FORK_VERSION": "0x05000000", "ELECTRA_FORK_EPOCH": "364032",
        "FULU_FORK_VERSION": "0x06000000", "FULU_FORK_EPOCH": "411392",
    }});
    let genesis = json!({"data": {
        "genesis_time": "1606824023",
        "genesis_validators_root": "0x4b363db94e286120d76eb905340fdd4e54bfe9f06bf33ff6cf5ad27f511bfe95",
        "genesis_fork_version": "0x00000000",
    }});
    (specification, genesis)
}

#[test]
fn what_a_node_says_of_mainnet_is_what_is_built_in() -> Result<(), NetworkError> {
    let (specification, genesis) = described();
    let file = NetworkFile::from_node(&specification, &genesis)?;
    assert_eq!(Some(file.network()?), Network::named("mainnet"));
    // And the file that is written of it says the same.
    assert_eq!(NetworkFile::parse(&file.to_toml()?)?, file);
    Ok(())
}

#[test]
fn forks_that_are_not_scheduled_may_be_missing() -> Result<(), NetworkError> {
    let (mut specification, genesis) = described();
    let data = specification["data"].as_object_mut().expect("an object");
    data.insert("FULU_FORK_EPOCH".to_owned(), "18446744073709551615".into());
    let never = NetworkFile::from_node(&specification, &genesis)?.network()?;
    let epoch = never.config.forks.forks()[6].epoch;
    assert_eq!(epoch, u64::MAX);
    Ok(())
}

#[test]
fn doubtful_files_are_refused() -> Result<(), NetworkError> {
    let (specification, genesis) = described();
    let text = NetworkFile::from_node(&specification, &genesis)?.to_toml()?;
    for doubtful in [
        String::new(),
        text.replace("seconds_per_slot = 12", "seconds_per_slot = 0"),
        text.replace("committee_size = 512", "committee_size = 500"),
        text.replace("epoch = 269568", "epoch = 1"),
        text.replace("forks.deneb", "forks.dineb"),
        text.replace("genesis_time", "genesis_tide"),
        text.replace("0x4b", "4b"),
    ] {
        let refused = NetworkFile::parse(&doubtful).and_then(|file| file.network());
        refused.expect_err(&doubtful);
    }
    Ok(())
}

#[test]
fn slots_follow_from_the_time() {
    let network = Network::named("mainnet").expect("it is built in");
    // Block 17034870 of the execution layer, the first of Capella: slot 6209536 at 22:27:35 UTC on 12 April 2023.
    assert_eq!(network.slot_at(1_681_338_455), 6_209_536);
    assert_eq!(network.time_of(6_209_536), 1_681_338_455);
    assert_eq!(network.slot_at(0), 0);
    assert!(Network::named("goerli").is_none());
}
