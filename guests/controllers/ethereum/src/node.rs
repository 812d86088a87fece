//! The execution node: `eth_getProof` in as many requests as it takes, receipts and blocks, and what a refusal means.

use serde_json::{Value, json};
use valence_coprocessor_controller_sdk::{Error, rpc};
use valence_coprocessor_ethereum_execution::{encode_receipt, hex, list_nodes};

use crate::anchor::Anchor;
use crate::chain;

/// Most keys in one `eth_getProof`: geth's limit.
pub const KEYS_IN_ONE_REQUEST: usize = 1_024;

/// How nodes say that a block is too old for a proof. In lower case.
const WINDOW: [&str; 12] = [
    // reth, and hosted nodes that run it
    "exceeds maximum proof window",
    // erigon
    "requested block is too old",
    "old data not available due to pruning",
    // geth, with its two layouts of the state
    "missing trie node",
    "historical state",
    "state histories",
    // nethermind
    "no state available",
    // besu
    "world state unavailable",
    // nodes and providers that have the newest block's only, or sell the others apart
    "only for the 'latest' block",
    "archive",
    "pruned",
    "proof window",
];

/// How nodes say that they do not have a block. In lower case.
const UNKNOWN: [&str; 4] = [
    "header not found",
    "unknown block",
    "block not found",
    "header for hash not found",
];

/// Trie nodes from a root to what one key leads to.
pub(crate) type Path = Vec<Vec<u8>>;

/// The paths of an account and of slots, as the node answers them: nothing is verified.
pub(crate) fn paths(anchor: &Anchor, address: &str, slots: &[String]) -> Result<Vec<Path>, Error> {
    let mut paths = Vec::with_capacity(1 + slots.len());
    // Without slots there is one request all the same.
    let mut requests = slots.chunks(KEYS_IN_ONE_REQUEST);
    let mut keys = requests.next().unwrap_or_default();
    loop {
        let params = json!([address, keys, format!("{:#x}", anchor.number)]);
        let answer = ask(anchor, "eth_getProof", &params)?;
        read(&answer, keys.len(), &mut paths)?;
        match requests.next() {
            Some(more) => keys = more,
            None => return Ok(paths),
        }
    }
}

/// The nodes that lead to receipts of the block, of which a node answers all: nothing is verified.
pub(crate) fn receipts(anchor: &Anchor, numbers: &[u64]) -> Result<Path, Error> {
    let params = json!([format!("{:#x}", anchor.number)]);
    let answer = ask(anchor, "eth_getBlockReceipts", &params)?;
    let receipts = answer
        .as_array()
        .ok_or_else(|| Error::new("the node's answer is no list of receipts"))?;
    let receipts = receipts.iter().map(encode_receipt);
    let receipts = receipts.collect::<Result<Vec<_>, _>>()?;
    Ok(list_nodes(&receipts, numbers))
}

/// The block, as the node answers it: nothing is verified.
pub(crate) fn block(anchor: &Anchor) -> Result<Value, Error> {
    let hash = hex::encode(anchor.facts.block_hash.as_bytes());
    ask(anchor, "eth_getBlockByHash", &json!([hash, false]))
}

/// An answer other than null.
fn ask(anchor: &Anchor, method: &str, params: &Value) -> Result<Value, Error> {
    let answer =
        rpc(chain::of(anchor.domain), method, params).map_err(|error| explain(anchor, &error))?;
    if answer.is_null() {
        return Err(explain(anchor, &Error::new("the node's answer is null")));
    }
    Ok(answer)
}

fn read(answer: &Value, keys: usize, paths: &mut Vec<Path>) -> Result<(), Error> {
    paths.push(path("accountProof", &answer["accountProof"])?);
    let slots = answer["storageProof"]
        .as_array()
        .ok_or_else(|| Error::new("the node's answer has no `storageProof`"))?;
    if slots.len() != keys {
        return Err(Error::new(format!(
            "the node's answer has {} slots, {keys} were asked for",
            slots.len()
        )));
    }
    for slot in slots {
        paths.push(path("proof", &slot["proof"])?);
    }
    Ok(())
}

fn path(what: &'static str, value: &Value) -> Result<Path, Error> {
    let missing = || Error::new(format!("the node's answer has no list `{what}`"));
    let list = value.as_array().ok_or_else(missing)?;
    list.iter()
        .map(|node| Ok(hex::bytes(what, node.as_str().ok_or_else(missing)?)?))
        .collect()
}

/// Why there is no proof under a block: the node's own words, and what they come to.
pub(crate) fn explain(anchor: &Anchor, error: &Error) -> Error {
    let number = anchor.number;
    let text = error.to_string();
    let lower = text.to_lowercase();
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| lower.contains(phrase));
    // A node of another chain may refuse for any reason, so that comes first.
    let reason = match known(anchor) {
        Known::Other(hash) => format!(
            "the node is on another chain or fork: its block {number} is {hash}, the history's {}",
            hex::encode(anchor.facts.block_hash.as_bytes())
        ),
        Known::Missing => format!("the node does not have block {number}: is it synchronised?"),
        _ if says(&WINDOW) => format!(
            "the node keeps proofs of recent blocks only, and block {number} is too old for it: ask for a newer block, or use an archive node"
        ),
        Known::Unsaid if says(&UNKNOWN) => {
            format!("the node does not have block {number}: is it synchronised?")
        }
        _ => format!("the node gives no proof that holds at block {number}"),
    };
    Error::new(format!("{reason} ({text})"))
}

/// What the node has at the block's number.
enum Known {
    Same,
    Other(String),
    Missing,
    /// It does not say.
    Unsaid,
}

fn known(anchor: &Anchor) -> Known {
    let params = json!([format!("{:#x}", anchor.number), false]);
    let Ok(block) = rpc(chain::of(anchor.domain), "eth_getBlockByNumber", &params) else {
        return Known::Unsaid;
    };
    if block.is_null() {
        return Known::Missing;
    }
    let Some(text) = block["hash"].as_str() else {
        return Known::Unsaid;
    };
    match hex::fixed::<32>("hash", text) {
        Ok(hash) if hash == *anchor.facts.block_hash.as_bytes() => Known::Same,
        Ok(hash) => Known::Other(hex::encode(&hash)),
        Err(_) => Known::Unsaid,
    }
}
