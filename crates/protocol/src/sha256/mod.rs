//! SHA-256 as the co-processor uses it: whole messages, and single compressions for tree nodes.

mod compression;
mod digest;
mod schedule;

pub use compression::Compression;
pub use digest::{digest, digest_words};
pub use schedule::{INITIAL, PADDING_AFTER_64, compress, message_pair, swap_pair};

/// Eight 32-bit words: a state of SHA-256, a digest, or half a message block.
pub type Words = [u32; 8];
