//! Receipts of transactions: the key of one in its block's trie, and the typed fact that a proof gives.

use crate::ReceiptError;
use crate::log::{Log, Logs};
use crate::rlp::{Items, LIST, STRING};

/// The root of the trie of a block's receipts, as its header names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptsRoot([u8; 32]);

impl ReceiptsRoot {
    /// Wraps 32 bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The type of a transaction (EIP-2718), which its receipt has too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TransactionType {
    /// Before there were types.
    Legacy = 0,
    /// With a list of slots (EIP-2930).
    AccessList = 1,
    /// With a base fee and a tip (EIP-1559).
    DynamicFee = 2,
    /// With blobs (EIP-4844).
    Blob = 3,
    /// That sets code of accounts (EIP-7702).
    SetCode = 4,
}

/// How a transaction ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was carried out (status 1, EIP-658).
    Succeeded,
    /// It was undone, and its gas paid (status 0, EIP-658).
    Failed,
    /// Before Byzantium: the state's root after it, which says nothing about success.
    StateRoot([u8; 32]),
}

/// What is proven of a transaction that was included. Only a proof makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt<'a> {
    /// The transaction's type.
    pub transaction_type: TransactionType,
    /// How it ended.
    pub outcome: Outcome,
    /// Gas of this transaction and of all before it in the block.
    pub cumulative_gas_used: u64,
    /// The Bloom filter over the logs (Yellow Paper, section 4.3.1).
    pub logs_bloom: &'a [u8; 256],
    logs: Items<'a>,
}

impl<'a> Receipt<'a> {
    pub(crate) fn decode(value: &'a [u8]) -> Result<Self, ReceiptError> {
        let (transaction_type, payload) = match value.split_first() {
            Some((&first, payload)) if first < LIST => (TransactionType::of(first)?, payload),
            _ => (TransactionType::Legacy, value),
        };
        Self::read(transaction_type, payload)
    }

    fn read(transaction_type: TransactionType, payload: &'a [u8]) -> Result<Self, ReceiptError> {
        let rlp = ReceiptError::Rlp;
        let mut items = Items::of_list(payload).map_err(rlp)?;
        let outcome = Outcome::of(transaction_type, items.string().map_err(rlp)?)?;
        let mut read = || {
            let receipt = Self {
                transaction_type,
                outcome,
                cumulative_gas_used: u64::from_be_bytes(items.number()?),
                logs_bloom: items.fixed()?,
                logs: items.list()?,
            };
            items.finish()?;
            Ok(receipt)
        };
        read().map_err(rlp)
    }

    /// The logs in order.
    pub const fn logs(&self) -> Logs<'a> {
        Logs::new(self.logs)
    }

    /// The log number `index` of this transaction. Nodes of the network count a block's logs instead.
    pub fn log(&self, index: usize) -> Result<Log<'a>, ReceiptError> {
        let mut available = 0;
        for log in self.logs() {
            let log = log?;
            if available == index {
                return Ok(log);
            }
            available += 1;
        }
        Err(ReceiptError::NoSuchLog { index, available })
    }
}

impl TransactionType {
    const fn of(byte: u8) -> Result<Self, ReceiptError> {
        match byte {
            1 => Ok(Self::AccessList),
            2 => Ok(Self::DynamicFee),
            3 => Ok(Self::Blob),
            4 => Ok(Self::SetCode),
            got => Err(ReceiptError::Type { got }),
        }
    }
}

impl Outcome {
    fn of(transaction_type: TransactionType, item: &[u8]) -> Result<Self, ReceiptError> {
        match item {
            [] => Ok(Self::Failed),
            [1] => Ok(Self::Succeeded),
            item => match item.try_into() {
                Ok(root) if transaction_type == TransactionType::Legacy => {
                    Ok(Self::StateRoot(root))
                }
                _ => Err(ReceiptError::Outcome { got: item.len() }),
            },
        }
    }
}

/// The RLP of an index, which is its receipt's key: the bytes from the returned position on.
pub(crate) fn index_key(index: u64) -> ([u8; 9], usize) {
    let mut bytes = [0; 9];
    bytes[1..].copy_from_slice(&index.to_be_bytes());
    if (1..0x80).contains(&index) {
        return (bytes, 8);
    }
    let (mut start, mut header) = (8, STRING);
    while index
        .checked_shr(8 * u32::from(header - STRING))
        .unwrap_or(0)
        > 0
    {
        start -= 1;
        header += 1;
    }
    bytes[start] = header;
    (bytes, start)
}
