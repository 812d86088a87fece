//! Logs of a receipt.

use alloc::vec::Vec;

use crate::rlp::Items;
use crate::{Address, ReceiptError, RlpError};

/// A log has at most so many topics (`LOG4`).
const TOPICS: usize = 4;

/// A log that a proven transaction left.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Log<'a> {
    /// The contract that wrote it.
    pub address: Address,
    /// At most four words to find it by; the first is, by custom, the hash of the event's signature.
    pub topics: Vec<&'a [u8; 32]>,
    /// The rest.
    pub data: &'a [u8],
}

/// The logs of one receipt in order. A log that is not well-formed is an error, not skipped.
#[derive(Clone, Debug)]
pub struct Logs<'a> {
    items: Items<'a>,
}

impl<'a> Logs<'a> {
    pub(crate) const fn new(items: Items<'a>) -> Self {
        Self { items }
    }
}

impl<'a> Iterator for Logs<'a> {
    type Item = Result<Log<'a>, ReceiptError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.items.is_empty() {
            return None;
        }
        let log = read(&mut self.items);
        if log.is_err() {
            // What follows a broken item has no beginning.
            self.items = Items::of_items(&[]);
        }
        Some(log)
    }
}

fn read<'a>(items: &mut Items<'a>) -> Result<Log<'a>, ReceiptError> {
    let rlp = |error: RlpError| ReceiptError::Rlp(error);
    let mut fields = items.list().map_err(rlp)?;
    let address = Address::from_bytes(*fields.fixed().map_err(rlp)?);
    let mut list = fields.list().map_err(rlp)?;
    let mut topics = Vec::new();
    while !list.is_empty() {
        if topics.len() == TOPICS {
            return Err(ReceiptError::Topics);
        }
        topics.push(list.hash().map_err(rlp)?);
    }
    let data = fields.string().map_err(rlp)?;
    fields.finish().map_err(rlp)?;
    Ok(Log {
        address,
        topics,
        data,
    })
}
