//! The leaves of the two trees, and the states that tell the nodes of the two trees apart.

use valence_coprocessor_merkle::{Node, NodeStates};
use valence_coprocessor_protocol::sha256::{self, Compression, Words};
use valence_coprocessor_protocol::{
    DecodeError, DomainId, DomainRoot, HeadState, PayloadHash, Reader, StateRoot, Writer,
};

/// Initial states of the nodes of domain trees.
pub(crate) static DOMAIN_NODES: NodeStates<64> =
    NodeStates::new(b"valence-coprocessor/1/node/domain/");

/// Initial states of the nodes of the history tree.
pub(crate) static HISTORY_NODES: NodeStates<256> =
    NodeStates::new(b"valence-coprocessor/1/node/history/");

const BLOCK_TAG: &[u8; 27] = b"valence-coprocessor/1/block";
const DOMAIN_TAG: &[u8; 28] = b"valence-coprocessor/1/domain";
/// Length of a block leaf's message: tag, number, state root, payload hash.
const BLOCK_BITS: u32 = (27 + 8 + 32 + 32) * 8;
/// Length of a domain leaf's message: tag, domain, domain root, head state.
const DOMAIN_BITS: u32 = (28 + 32 + 32 + 32) * 8;

/// What a leaf of a domain tree commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockLeaf {
    /// The block's number, which is the key.
    pub number: u64,
    /// The block's state root.
    pub state_root: StateRoot,
    /// SHA-256 of the block's payload.
    pub payload: PayloadHash,
}

/// What a leaf of the history tree commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DomainLeaf {
    /// The domain, which is the key.
    pub domain: DomainId,
    /// The root of the domain's tree.
    pub root: DomainRoot,
    /// The light-client state after the domain's newest block.
    pub head: HeadState,
}

impl BlockLeaf {
    /// The leaf's hash: `SHA-256(tag ‖ number ‖ state root ‖ payload hash)`.
    pub fn hash(&self, compression: &mut Compression) -> Node {
        let mut fields = [0; 19];
        fields[0] = high(self.number);
        fields[1] = low(self.number);
        fields[2..10].copy_from_slice(&self.state_root.to_words());
        fields[10..18].copy_from_slice(&self.payload.to_words());
        fields[18] = 0x8000_0000;
        // The tag takes six words and three bytes: every field starts one byte before a word.
        let mut message = [0; 32];
        message[..7].copy_from_slice(&tag_words::<7>(BLOCK_TAG));
        message[6] |= fields[0] >> 24;
        for (target, pair) in message[7..].iter_mut().zip(fields.array_windows::<2>()) {
            *target = pair[0] << 8 | pair[1] >> 24;
        }
        message[31] = BLOCK_BITS;
        hash_blocks(compression, &message)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            number: reader.number("number")?,
            state_root: StateRoot::from_memory(reader.identifier("state root")?),
            payload: PayloadHash::from_memory(reader.identifier("payload hash")?),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .number(self.number)
            .identifier(self.state_root.as_bytes())
            .identifier(self.payload.as_bytes());
    }
}

impl DomainLeaf {
    /// The leaf's hash: `SHA-256(tag ‖ domain ‖ domain root ‖ head state)`.
    pub fn hash(&self, compression: &mut Compression) -> Node {
        hash_domain(compression, self.domain, &self.root.to_words(), self.head)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            domain: DomainId::from_memory(reader.identifier("domain")?),
            root: DomainRoot::from_memory(reader.identifier("domain root")?),
            head: HeadState::from_memory(reader.identifier("head state")?),
        })
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .identifier(self.domain.as_bytes())
            .identifier(self.root.as_bytes())
            .identifier(self.head.as_bytes());
    }
}

/// The hash of a domain leaf whose domain root comes straight from a fold.
pub(crate) fn hash_domain(
    compression: &mut Compression,
    domain: DomainId,
    root: &Words,
    head: HeadState,
) -> Node {
    let mut message = [0; 48];
    message[..7].copy_from_slice(&tag_words::<7>(DOMAIN_TAG));
    message[7..15].copy_from_slice(&domain.to_words());
    message[15..23].copy_from_slice(root);
    message[23..31].copy_from_slice(&head.to_words());
    message[31] = 0x8000_0000;
    message[47] = DOMAIN_BITS;
    hash_blocks(compression, &message)
}

fn hash_blocks(compression: &mut Compression, message: &[u32]) -> Node {
    let mut state = sha256::INITIAL;
    for block in message.as_chunks::<16>().0 {
        state = compression.block(&state, block);
    }
    Node::from_words(state)
}

/// The words that a tag begins, filled up with zeros.
fn tag_words<const COUNT: usize>(tag: &[u8]) -> [u32; COUNT] {
    let mut words = [0; COUNT];
    for (index, byte) in tag.iter().enumerate() {
        words[index / 4] |= u32::from(*byte) << (24 - 8 * (index % 4));
    }
    words
}

const fn high(number: u64) -> u32 {
    (number >> 32) as u32
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
const fn low(number: u64) -> u32 {
    number as u32
}
