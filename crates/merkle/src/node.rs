//! `Node`: the hash of a leaf or of an inner node, and the initial states that tell nodes apart.

use valence_coprocessor_protocol::sha256::{self, Compression, Words};

/// The hash of a leaf or of an inner node, as the state words of SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Node(Words);

impl Node {
    /// Wraps state words.
    pub const fn from_words(words: Words) -> Self {
        Self(words)
    }

    /// The state words.
    pub const fn words(&self) -> &Words {
        &self.0
    }
}

/// The initial state of the node hash for each of `BITS` bit indices.
///
/// `SHA-256(tag ‖ index)` is itself one compression, so a node is the state of SHA-256 after the 128
/// bytes `padded tag block ‖ left ‖ right`.
#[derive(Debug)]
pub struct NodeStates<const BITS: usize>([Words; BITS]);

impl<const BITS: usize> NodeStates<BITS> {
    /// Computes the table; meant for a `static`.
    ///
    /// # Panics
    ///
    /// If the tag has more than 54 bytes or `BITS` exceeds 256: then the program does not compile.
    pub const fn new(tag: &[u8]) -> Self {
        assert!(
            tag.len() < 55 && BITS <= 256,
            "tag and index must fit one block"
        );
        let mut states = [[0; 8]; BITS];
        let mut index = 0;
        while index < BITS {
            states[index] = initial_state(tag, index);
            index += 1;
        }
        Self(states)
    }

    /// `node(index, left, right)`; `None` if the index lies beyond the key.
    pub fn node(
        &self,
        compression: &mut Compression,
        index: u8,
        left: &Node,
        right: &Node,
    ) -> Option<Node> {
        let state = self.0.get(usize::from(index))?;
        Some(Node(compression.halves(state, &left.0, &right.0)))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an index is below 256, a length below 56"
)]
const fn initial_state(tag: &[u8], index: usize) -> Words {
    let mut bytes = [0u8; 64];
    let mut at = 0;
    while at < tag.len() {
        bytes[at] = tag[at];
        at += 1;
    }
    bytes[at] = index as u8;
    bytes[at + 1] = 0x80;
    let bits = ((tag.len() + 1) * 8) as u16;
    [bytes[62], bytes[63]] = bits.to_be_bytes();
    let mut block = [0u32; 16];
    let mut word = 0;
    while word < 16 {
        block[word] = u32::from_be_bytes([
            bytes[4 * word],
            bytes[4 * word + 1],
            bytes[4 * word + 2],
            bytes[4 * word + 3],
        ]);
        word += 1;
    }
    sha256::compress(&sha256::INITIAL, &block)
}
