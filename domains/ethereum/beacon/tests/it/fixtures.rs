//! Finding recorded data, which is read in place, and decoding it.

use serde::de::DeserializeOwned;
use serde_json::Value;
use valence_coprocessor_ethereum_beacon::{
    Bootstrap, Bytes, Client, Update, Versioned, updates_from_ssz,
};
use valence_coprocessor_ethereum_light_client::{BlockRoot, ChainConfig, Fork, Hasher, MAINNET};
pub(crate) use valence_coprocessor_recorded_data::folder;

/// A file of recorded data.
pub(crate) fn bytes(path: &str) -> Option<Vec<u8>> {
    Some(std::fs::read(folder()?.join(path)).expect("the file of recorded data is readable"))
}

/// A JSON file.
pub(crate) fn json(path: &str) -> Option<Value> {
    Some(serde_json::from_slice(&bytes(path)?).expect("the file of recorded data is JSON"))
}

/// A value that was cut out of a JSON file.
pub(crate) fn parse<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).expect("an object of the Beacon API")
}

/// An answer of the Beacon API with its version.
pub(crate) fn answer<T: DeserializeOwned>(path: &str) -> Option<T> {
    Some(parse::<Versioned<T>>(&json(path)?).data)
}

/// The list of `/updates`.
pub(crate) fn answers(path: &str) -> Option<Vec<Update>> {
    let list: Vec<Versioned<Update>> = parse(&json(path)?);
    Some(list.into_iter().map(|update| update.data).collect())
}

/// The SSZ body of `/updates`.
pub(crate) fn ssz_updates(path: &str) -> Option<Vec<Update>> {
    Some(updates_from_ssz(&bytes(path)?, &MAINNET).expect("recorded updates"))
}

/// The SSZ body of `/bootstrap/…`.
pub(crate) fn ssz_bootstrap(path: &str, fork: Fork) -> Option<Bootstrap> {
    let bytes = bytes(path)?;
    Some(Bootstrap::from_ssz(&bytes, fork, &MAINNET.preset).expect("a recorded bootstrap"))
}

/// A client that trusts the very block of a bootstrap: what is tested begins after it.
pub(crate) fn trusting(config: ChainConfig, bootstrap: &Bootstrap) -> Client {
    Client::bootstrap(config, block_root(bootstrap), bootstrap).expect("a recorded bootstrap")
}

/// The root of a bootstrap's block.
pub(crate) fn block_root(bootstrap: &Bootstrap) -> BlockRoot {
    bootstrap
        .header
        .beacon
        .summary()
        .hash_tree_root(&mut Hasher::new())
}

/// Hexadecimal with `0x`.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    parse::<Bytes<32>>(&Value::from(text)).0
}

/// A slot after everything that is recorded.
pub(crate) const NOW: u64 = u64::MAX;

/// Capella: a bootstrap of period 862, six updates and a finality update.
pub(crate) fn capella() -> Option<(Bootstrap, Vec<Update>, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/capella-862-867-json";
    Some((
        answer(&format!("{FOLDER}/bootstrap.json"))?,
        answers(&format!("{FOLDER}/updates.json"))?,
        answer(&format!("{FOLDER}/finality.json"))?,
    ))
}

/// Deneb: a bootstrap of period 1167, its update and a finality update.
pub(crate) fn deneb() -> Option<(Bootstrap, Update, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/deneb-1167-e2e-json";
    Some((
        answer(&format!("{FOLDER}/BootstrapDeneb.json"))?,
        answers(&format!("{FOLDER}/UpdateDeneb.json"))?.remove(0),
        answer(&format!("{FOLDER}/FinalityUpdateDeneb.json"))?,
    ))
}

/// Electra: a bootstrap of period 1503, its update and a finality update, which 490 of 512 signed.
pub(crate) fn electra() -> Option<(Bootstrap, Update, Update)> {
    const FOLDER: &str = "01-beacon-mainnet/electra-1503-valence-json";
    let input = json(&format!("{FOLDER}/input.json"))?;
    Some((
        answer(&format!("{FOLDER}/bootstrap.derived.json"))?,
        parse(&input["updates"][0]),
        parse(&input["finality_update"]),
    ))
}
