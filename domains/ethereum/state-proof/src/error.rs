//! Why a proof or a header is refused.

use valence_coprocessor_protocol::DecodeError;

/// Bytes that are not the one RLP encoding of what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RlpError {
    /// The bytes end inside an item.
    #[error("an item needs {needed} bytes and {remaining} are left")]
    Truncated {
        /// Bytes that the item takes.
        needed: usize,
        /// Bytes that there are.
        remaining: usize,
    },
    /// A length or a single byte is written longer than necessary.
    #[error("an item is not written in the shortest way")]
    NotShortest,
    /// A length does not fit this machine.
    #[error("a length of {bytes} bytes is too long")]
    LengthTooLong {
        /// Bytes that the length takes.
        bytes: usize,
    },
    /// A string where a list is expected.
    #[error("a list is expected, got a string")]
    NotList,
    /// A list where a string is expected.
    #[error("a string is expected, got a list")]
    NotString,
    /// Bytes after the last item.
    #[error("{remaining} bytes follow the last item")]
    Trailing {
        /// How many.
        remaining: usize,
    },
    /// A string of another length than the field has.
    #[error("the field has {expected} bytes, got {got}")]
    Length {
        /// Bytes of the string.
        got: usize,
        /// Bytes of the field.
        expected: usize,
    },
    /// A number with leading zeros, or larger than its field.
    #[error("not a number of at most {limit} bytes")]
    Number {
        /// Bytes of the field.
        limit: usize,
    },
}

/// Nodes that do not prove what a key leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrieError {
    /// No node of the proof hashes to what the parent, or the root, says: the proof is of another key or
    /// root, a node was changed, or one is missing.
    #[error(
        "the proof lacks the node at depth {depth}, which its parent or the root names by hash"
    )]
    MissingNode {
        /// Nibbles walked so far.
        depth: usize,
    },
    /// A node named by its hash is so short that it would have to stand in its parent.
    #[error("the node at depth {depth} has {got} bytes, which is too short for a hash to name it")]
    ShortNode {
        /// Nibbles walked so far.
        depth: usize,
        /// Bytes of the node.
        got: usize,
    },
    /// A node with another number of items than 2 or 17.
    #[error("the node at depth {depth} has {got} items, which is neither 2 nor 17")]
    NodeItems {
        /// Nibbles walked so far.
        depth: usize,
        /// Items of the node, 18 for more than 17.
        got: usize,
    },
    /// A compact path with an unknown flag, a padding that is not zero, or nothing in it.
    #[error("the path in the node at depth {depth} is not well-formed")]
    NodePath {
        /// Nibbles walked so far.
        depth: usize,
    },
    /// A child that is neither a hash nor a node of less than 32 bytes.
    #[error("the child in the node at depth {depth} is neither a hash nor an embedded node")]
    Child {
        /// Nibbles walked so far.
        depth: usize,
    },
    /// A leaf without a value.
    #[error("the leaf at depth {depth} is empty")]
    EmptyValue {
        /// Nibbles walked so far.
        depth: usize,
    },
    /// A node is not RLP.
    #[error("the node at depth {depth} is not valid RLP")]
    Rlp {
        /// Nibbles walked so far.
        depth: usize,
        /// What is wrong.
        source: RlpError,
    },
}

/// Why a state proof is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StateProofError {
    /// The binary form is not canonical.
    #[error("the state proof is not well-formed")]
    Decode(#[source] DecodeError),
    /// The hashes of the nodes do not rise: a node is in the proof twice, or out of its place.
    #[error("node {index} of the proof is a repetition, or not in order of hashes")]
    NodeOrder {
        /// Its position.
        index: usize,
    },
    /// The proof has nodes that nothing asked for leads to.
    #[error("{extra} nodes of the proof are not needed")]
    ExtraNodes {
        /// How many.
        extra: usize,
    },
    /// The nodes do not lead from the state root to the account.
    #[error("the account is not proven")]
    Account(#[source] TrieError),
    /// The account is not RLP of nonce, balance, storage root and code hash.
    #[error("the account is not well-formed")]
    AccountValue(#[source] RlpError),
    /// The nodes do not lead from the storage root to the slot.
    #[error("the slot is not proven")]
    Slot(#[source] TrieError),
    /// The value of a slot is not the RLP of a number above zero.
    #[error("the value of the slot is not well-formed")]
    SlotValue(#[source] RlpError),
    /// A slot of value zero stands in the trie, where it must be absent.
    #[error("the slot holds zero, which no trie stores")]
    ZeroSlot,
    /// The word of a slot is not a value of the type that is asked for.
    #[error("the word in the slot is not a value of the type")]
    Value(#[source] ValueError),
    /// The nodes do not lead from the receipts root to the receipt.
    #[error("the receipt is not proven")]
    Receipt(#[source] TrieError),
    /// The value in the receipts' trie is not a receipt.
    #[error("the receipt is not well-formed")]
    ReceiptValue(#[source] ReceiptError),
}

/// Why a stored word is not a value of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// The value has another number of bytes than the type.
    #[error("the field has {got} bytes, the type has {expected}")]
    Width {
        /// Bytes of the field.
        got: usize,
        /// Bytes of the type.
        expected: usize,
    },
    /// Neither false nor true.
    #[error("{got} is no boolean")]
    Boolean {
        /// The byte.
        got: u8,
    },
    /// The number does not fit 64 bits.
    #[error("the number does not fit 64 bits")]
    Number,
    /// A `bytes` or `string` whose length contradicts the form that it is stored in.
    #[error("the length of the bytes contradicts the form that they are stored in")]
    BytesEncoding,
    /// A `bytes` or `string` longer than the caller allows.
    #[error("there are more than {limit} bytes")]
    TooLong {
        /// What the caller allows.
        limit: usize,
    },
    /// A `string` that is not UTF-8.
    #[error("the string is not UTF-8")]
    NotText,
}

/// Why the bytes under a receipt's key are not a receipt, or lack the log that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// A type of transaction that is not known here.
    #[error("{got} is no known type of transaction")]
    Type {
        /// The byte.
        got: u8,
    },
    /// Neither a status nor, in a legacy receipt, a state root.
    #[error("{got} bytes stand where the status does")]
    Outcome {
        /// How many.
        got: usize,
    },
    /// The receipt or a log is not RLP of its fields.
    #[error("a field is not well-formed")]
    Rlp(#[source] RlpError),
    /// A log with more topics than a contract can write.
    #[error("a log has more than four topics")]
    Topics,
    /// The receipt holds less logs than the caller asks for.
    #[error("the receipt has {available} logs, log number {index} is asked for")]
    NoSuchLog {
        /// The index that was asked for.
        index: usize,
        /// How many there are.
        available: usize,
    },
}

/// Why a header or a payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// The header does not hash to the given block hash.
    #[error("the header does not hash to the block hash")]
    Hash,
    /// The header is not RLP.
    #[error("the header is not valid RLP")]
    Rlp(#[source] RlpError),
    /// The header has a number of fields that no fork has.
    #[error("the header has {got} fields, as that of no fork")]
    Fields {
        /// How many it has.
        got: usize,
    },
    /// A payload of another length or without the mark of trusted blocks.
    #[error("the payload is not that of a trusted block")]
    Payload,
    /// A payload of another length than that of a proven block.
    #[error("the payload has {got} bytes, that of a proven block has {expected}")]
    PayloadLength {
        /// Bytes of the payload.
        got: usize,
        /// Bytes that it should have.
        expected: usize,
    },
}
