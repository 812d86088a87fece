//! `Advice`: values that a prover has computed, so that a circuit only checks them.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use valence_coprocessor_protocol::{DecodeError, Reader, Writer};

/// More words than any verification reads: a committee of 512 needs 6 for each key and about 4,400 besides.
const LIMIT: usize = 16 * 1024;

/// Unchecked values, in the order in which a verification asks for them.
///
/// In a circuit they are borrowed from its input; each is checked where it is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice<'a>(Cow<'a, [u64]>);

impl<'a> Advice<'a> {
    /// No advice: enough for [`verify`](crate::verify()) on the host, which needs none.
    pub const fn none() -> Self {
        Self(Cow::Borrowed(&[]))
    }

    /// Takes advice from an input: the number of words, then the words.
    pub fn read(reader: &mut Reader<'a>) -> Result<Self, DecodeError> {
        let length = reader.length("number of words of advice", LIMIT)?;
        let bytes = reader.bytes("advice", 8 * length)?;
        // The reader reads words, so its bytes are aligned.
        match bytemuck::try_cast_slice(bytes) {
            Ok(words) => Ok(Self(Cow::Borrowed(words))),
            Err(_) => Err(DecodeError::NotWords {
                length: bytes.len(),
            }),
        }
    }

    /// Appends the advice to an input.
    pub fn write(&self, writer: &mut Writer) {
        writer.length(self.0.len());
        for word in self.0.iter() {
            writer.number(u64::from_le(*word));
        }
    }

    /// Wraps words that a host has computed.
    pub const fn from_words(words: Vec<u64>) -> Self {
        Self(Cow::Owned(words))
    }

    /// The words. A field element is six of them, the least significant first.
    pub fn words(&self) -> &[u64] {
        &self.0
    }
}
