//! Light-client data of mainnet.

use valence_coprocessor_ethereum_beacon::{Bootstrap, Client, Update, updates_from_ssz};
use valence_coprocessor_ethereum_light_client::{BlockRoot, ChainConfig, Fork, Hasher, MAINNET};

use crate::{answer, answers, bytes, json, parse};

/// A slot after everything that is recorded.
pub const NOW: u64 = u64::MAX;

/// The SSZ body of `/updates`.
pub fn ssz_updates(path: &str) -> Option<Vec<Update>> {
    Some(updates_from_ssz(&bytes(path)?, &MAINNET).expect("recorded updates"))
}

/// The SSZ body of `/bootstrap/…`.
pub fn ssz_bootstrap(path: &str, fork: Fork) -> Option<Bootstrap> {
    let bytes = bytes(path)?;
    Some(Bootstrap::from_ssz(&bytes, fork, &MAINNET.preset).expect("a recorded bootstrap"))
}

/// A client that trusts the very block of a bootstrap: what is tested begins after it.
pub fn trusting(config: ChainConfig, bootstrap: &Bootstrap) -> Client {
    Client::bootstrap(config, block_root(bootstrap), bootstrap).expect("a recorded bootstrap")
}

/// The root of a bootstrap's block.
pub fn block_root(bootstrap: &Bootstrap) -> BlockRoot {
    bootstrap
        .header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new())
}

/// Capella: a bootstrap of period 862, six updates and a finality update.
pub fn capella() -> Option<(Bootstrap, Vec<Update>, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/capella-862-867-json";
    Some((
        answer(&format!("{FOLDER}/bootstrap.json"))?,
        answers(&format!("{FOLDER}/updates.json"))?,
        answer(&format!("{FOLDER}/finality.json"))?,
    ))
}

/// Deneb: a bootstrap of period 1167, its update and a finality update.
pub fn deneb() -> Option<(Bootstrap, Update, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/deneb-1167-e2e-json";
    Some((
        answer(&format!("{FOLDER}/BootstrapDeneb.json"))?,
        answers(&format!("{FOLDER}/UpdateDeneb.json"))?.remove(0),
        answer(&format!("{FOLDER}/FinalityUpdateDeneb.json"))?,
    ))
}

/// Electra: a bootstrap of period 1503, its update and a finality update, which 490 of 512 signed.
pub fn electra() -> Option<(Bootstrap, Update, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/electra-1503-valence-json";
    let input = json(&format!("{FOLDER}/input.json"))?;
    Some((
        answer(&format!("{FOLDER}/bootstrap.derived.json"))?,
        parse(&input["updates"][0]),
        parse(&input["finality_update"]),
    ))
}
