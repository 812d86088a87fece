//! Headers: the fields of a block as a node answers it, in the order in which they are hashed.

use alloc::vec::Vec;

use serde_json::Value;
use valence_coprocessor_ethereum_state_proof::{BlockHash, Header, encode_header};

use crate::{AnswerError, hex};

/// Fields of a header in order: name, and whether it is a number. Later forks append fields.
const FIELDS: [(&str, bool); 21] = [
    ("parentHash", false),
    ("sha3Uncles", false),
    ("miner", false),
    ("stateRoot", false),
    ("transactionsRoot", false),
    ("receiptsRoot", false),
    ("logsBloom", false),
    ("difficulty", true),
    ("number", true),
    ("gasLimit", true),
    ("gasUsed", true),
    ("timestamp", true),
    ("extraData", false),
    ("mixHash", false),
    ("nonce", false),
    ("baseFeePerGas", true),
    ("withdrawalsRoot", false),
    ("blobGasUsed", true),
    ("excessBlobGas", true),
    ("parentBeaconBlockRoot", false),
    ("requestsHash", false),
];
/// Fields that every fork has.
const ALWAYS: usize = 15;

/// A header that hashes to a block's hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockHeader {
    /// Its RLP, which is hashed.
    pub encoded: Vec<u8>,
    /// What stands in it.
    pub header: Header,
}

impl BlockHeader {
    /// Takes the fields of a block, which must hash to `hash`.
    pub fn verify(block: &Value, hash: &BlockHash) -> Result<Self, AnswerError> {
        let mut fields = Vec::with_capacity(FIELDS.len());
        for (index, (name, is_number)) in FIELDS.into_iter().enumerate() {
            // The fields of forks come in order: after the first that is missing, there are none.
            if index >= ALWAYS && !block[name].is_string() {
                break;
            }
            let text = hex::text("block", block, name)?;
            fields.push(if is_number {
                hex::number_bytes(name, text)?
            } else {
                hex::bytes(name, text)?
            });
        }
        let fields: Vec<_> = fields.iter().map(Vec::as_slice).collect();
        let encoded = encode_header(&fields);
        let header = Header::verify(&encoded, hash)
            .map_err(|error| AnswerError::Header { hash: *hash, error })?;
        Ok(Self { encoded, header })
    }
}
