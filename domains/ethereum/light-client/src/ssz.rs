//! `Hasher`: Merkle trees of SSZ (simple serialize), on the message words of SHA-256.

use valence_coprocessor_protocol::sha256::{self, Compression, Words, message_pair};

/// A chunk or a root of an SSZ tree: 32 bytes as the eight big-endian words of a SHA-256 message.
///
/// A circuit computes with words, and so never swaps bytes between two nodes.
pub type Chunk = Words;

/// The chunk of zeros, which fills trees up.
pub(crate) const ZERO: Chunk = [0; 8];

/// The deepest tree that is filled up with zeros: a committee of 2⁹ keys.
const DEEPEST: usize = 9;

/// Roots of trees of zeros, by depth.
static ZERO_ROOTS: [Chunk; DEEPEST + 1] = zero_roots();

/// Hashes SSZ nodes. One is kept through a verification, as its working memory is cleared once.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Compression);

impl Hasher {
    /// Prepares to hash.
    pub const fn new() -> Self {
        Self(Compression::new())
    }

    /// The parent of two nodes: SHA-256 of their 64 bytes.
    #[must_use]
    #[inline]
    pub fn pair(&mut self, left: &Chunk, right: &Chunk) -> Chunk {
        self.0.message_of_halves(left, right)
    }
}

/// The root over chunks, filled up with zeros to `2^depth` of them. The chunks are overwritten.
///
/// # Panics
///
/// If there are no chunks, more than `2^depth`, or `depth` exceeds nine: each caller has a fixed number.
#[must_use]
pub fn merkleize(hasher: &mut Hasher, chunks: &mut [Chunk], depth: usize) -> Chunk {
    let mut count = chunks.len();
    assert!(
        (1..=1 << depth).contains(&count),
        "chunks that fit the tree"
    );
    for zero in &ZERO_ROOTS[..depth] {
        for pair in 0..count / 2 {
            chunks[pair] = hasher.pair(&chunks[2 * pair], &chunks[2 * pair + 1]);
        }
        if count % 2 == 1 {
            chunks[count / 2] = hasher.pair(&chunks[count - 1], zero);
        }
        count = count.div_ceil(2);
    }
    chunks[0]
}

/// The chunk of a `uint64`: little-endian, then zeros.
#[must_use]
pub const fn number_chunk(number: u64) -> Chunk {
    let [low, high] = message_pair(number);
    [low, high, 0, 0, 0, 0, 0, 0]
}

/// The chunk of at most 32 bytes: the bytes, then zeros. Of more bytes it takes the first 32.
#[must_use]
pub fn bytes_chunk(bytes: &[u8]) -> Chunk {
    let mut padded = [0; 32];
    let length = bytes.len().min(32);
    padded[..length].copy_from_slice(&bytes[..length]);
    let mut chunk = ZERO;
    for (word, four) in chunk.iter_mut().zip(padded.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*four);
    }
    chunk
}

/// The 32 bytes of a chunk.
#[must_use]
pub fn chunk_bytes(chunk: &Chunk) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (four, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(chunk) {
        *four = word.to_be_bytes();
    }
    bytes
}

/// Equality in four steps, without a call to `memcmp`, which goes byte by byte in a zkVM.
#[must_use]
pub(crate) fn equal(left: &Chunk, right: &Chunk) -> bool {
    left.iter()
        .zip(right)
        .fold(0, |difference, (left, right)| difference | (left ^ right))
        == 0
}

const fn zero_roots() -> [Chunk; DEEPEST + 1] {
    let mut roots = [ZERO; DEEPEST + 1];
    let mut depth = 0;
    while depth < DEEPEST {
        let mut block = [0; 16];
        let mut word = 0;
        while word < 8 {
            block[word] = roots[depth][word];
            block[word + 8] = roots[depth][word];
            word += 1;
        }
        let state = sha256::compress(&sha256::INITIAL, &block);
        roots[depth + 1] = sha256::compress(&state, &sha256::PADDING_AFTER_64);
        depth += 1;
    }
    roots
}
