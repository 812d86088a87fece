//! `AlignedBytes`: input bytes seen as the words that a [`Reader`](crate::Reader) takes.

use alloc::borrow::Cow;
use alloc::vec;

use crate::DecodeError;

/// Bytes as 8-byte words, borrowed if they happen to be aligned, copied if not.
///
/// The zkVM hands out aligned input, so a circuit never copies.
#[derive(Debug, Clone)]
pub struct AlignedBytes<'a>(Cow<'a, [u64]>);

impl<'a> AlignedBytes<'a> {
    /// Takes bytes; their number must be a multiple of eight.
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        if !bytes.len().is_multiple_of(8) {
            return Err(DecodeError::NotWords {
                length: bytes.len(),
            });
        }
        if let Ok(words) = bytemuck::try_cast_slice(bytes) {
            return Ok(Self(Cow::Borrowed(words)));
        }
        let mut words = vec![0; bytes.len() / 8];
        bytemuck::cast_slice_mut(&mut words).copy_from_slice(bytes);
        Ok(Self(Cow::Owned(words)))
    }

    /// The words, as they lie in memory.
    pub fn words(&self) -> &[u64] {
        &self.0
    }
}
