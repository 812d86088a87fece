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
    /// The walk needs one more node than the proof has.
    #[error("no node at depth {depth}: the proof ends early")]
    MissingNode {
        /// Nibbles walked so far.
        depth: usize,
    },
    /// The proof has nodes that the walk does not come to.
    #[error("{extra} nodes too many")]
    ExtraNodes {
        /// How many.
        extra: usize,
    },
    /// A node does not hash to what its parent, or the root, says.
    #[error("the node at depth {depth} is not the one that its parent names")]
    NodeHash {
        /// Nibbles walked so far.
        depth: usize,
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
    /// The proof holds less slots than the caller asks for.
    #[error("the proof has {available} slots, slot number {index} is asked for")]
    NoSuchSlot {
        /// The index that was asked for.
        index: usize,
        /// How many there are.
        available: usize,
    },
    /// The proof holds other than as many slots as the caller wants.
    #[error("the proof has {got} slots, expected {expected}")]
    SlotCount {
        /// How many there are.
        got: usize,
        /// How many the caller wants.
        expected: usize,
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
    /// The header lacks fields that every header has.
    #[error("the header has {got} fields, at least 15 are expected")]
    Fields {
        /// How many it has.
        got: usize,
    },
    /// A payload of another length or without the mark of trusted blocks.
    #[error("the payload is not that of a trusted block")]
    Payload,
}
