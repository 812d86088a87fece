//! Receipts: the fields of one as a node answers it, in the form that the receipts' trie holds (EIP-2718).

use alloc::vec::Vec;

use serde_json::Value;

use crate::{AnswerError, hex, rlp};

/// The bytes of a receipt; nothing of it is verified.
pub fn encode_receipt(answer: &Value) -> Result<Vec<u8>, AnswerError> {
    let number = |field| hex::number_bytes(field, hex::text("receipt", answer, field)?);
    let logs = list("receipt", answer, "logs")?.iter().map(encode_log);
    let logs = logs.collect::<Result<Vec<_>, _>>()?;
    let bloom = hex::bytes("logsBloom", hex::text("receipt", answer, "logsBloom")?)?;
    let payload = rlp::list(&[
        rlp::string(&number("status")?),
        rlp::string(&number("cumulativeGasUsed")?),
        rlp::string(&bloom),
        rlp::list(&logs),
    ]);
    // Type 0 is from before there were types, and stands nowhere.
    let mut bytes = if answer["type"].is_null() {
        Vec::new()
    } else {
        number("type")?
    };
    if bytes.len() > 1 {
        return Err(AnswerError::Length {
            what: "type",
            got: bytes.len(),
            expected: 1,
        });
    }
    bytes.extend(payload);
    Ok(bytes)
}

fn encode_log(answer: &Value) -> Result<Vec<u8>, AnswerError> {
    let bytes = |field| hex::bytes(field, hex::text("log", answer, field)?);
    let topics = list("log", answer, "topics")?.iter().map(|topic| {
        let text = topic.as_str().unwrap_or_default();
        hex::bytes("topics", text).map(|topic| rlp::string(&topic))
    });
    let topics = topics.collect::<Result<Vec<_>, _>>()?;
    Ok(rlp::list(&[
        rlp::string(&bytes("address")?),
        rlp::list(&topics),
        rlp::string(&bytes("data")?),
    ]))
}

fn list<'a>(
    of: &'static str,
    answer: &'a Value,
    field: &'static str,
) -> Result<&'a [Value], AnswerError> {
    let list = answer[field].as_array();
    list.map(Vec::as_slice)
        .ok_or(AnswerError::NoList { of, field })
}
