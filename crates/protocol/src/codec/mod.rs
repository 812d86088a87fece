//! The one binary codec: 8-byte words, little-endian, canonical and total.
//!
//! Everything starts at a multiple of eight bytes, so that a circuit reads aligned machine words and
//! borrows byte strings from its input. Byte strings are followed by zeros up to the next multiple, and
//! a reader refuses any other padding: one value has one encoding. docs/protocol.md draws the layouts.

mod aligned_bytes;
mod reader;
mod writer;

pub use aligned_bytes::AlignedBytes;
pub use reader::Reader;
pub use writer::Writer;
