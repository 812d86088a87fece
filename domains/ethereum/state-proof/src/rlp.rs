//! RLP (Yellow Paper, appendix B): borrows from the bytes, and takes the shortest encoding only.

use alloc::vec::Vec;

use crate::RlpError;

/// Strings begin with this byte or one above it, except single bytes below it.
pub(crate) const STRING: u8 = 0x80;
/// Lists begin with this byte or one above it.
pub(crate) const LIST: u8 = 0xc0;
/// A string of 32 bytes: a hash.
const HASH: u8 = STRING + 32;
/// Payloads up to this length have it in the first byte.
const SHORT: usize = 55;

/// One item, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item<'a> {
    String(&'a [u8]),
    List {
        /// What the list holds.
        payload: &'a [u8],
        /// The list with its header.
        encoded: &'a [u8],
    },
}

impl<'a> Item<'a> {
    pub(crate) const fn string(self) -> Result<&'a [u8], RlpError> {
        match self {
            Self::String(bytes) => Ok(bytes),
            Self::List { .. } => Err(RlpError::NotString),
        }
    }
}

/// Takes items from the front.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Items<'a> {
    bytes: &'a [u8],
}

impl<'a> Items<'a> {
    /// The items of the list that the bytes are, no more and no less.
    pub(crate) fn of_list(bytes: &'a [u8]) -> Result<Self, RlpError> {
        let mut outer = Self { bytes };
        let item = outer.take()?;
        outer.finish()?;
        match item {
            Item::List { payload, .. } => Ok(Self { bytes: payload }),
            Item::String(_) => Err(RlpError::NotList),
        }
    }

    /// Items that stand one after the other.
    pub(crate) const fn of_items(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The next item. Almost all items of a trie's nodes are hashes and empty strings: those go first.
    #[inline]
    pub(crate) fn take(&mut self) -> Result<Item<'a>, RlpError> {
        let Some((&first, rest)) = self.bytes.split_first() else {
            return Err(RlpError::Truncated {
                needed: 1,
                remaining: 0,
            });
        };
        if first == HASH
            && let Some((hash, rest)) = rest.split_first_chunk::<32>()
        {
            self.bytes = rest;
            return Ok(Item::String(hash));
        }
        if first == STRING {
            self.bytes = rest;
            return Ok(Item::String(&[]));
        }
        self.take_any(first)
    }

    /// Leaves the next item out, of which nothing less is checked than in [`Items::take`].
    #[inline]
    pub(crate) fn skip(&mut self) -> Result<(), RlpError> {
        let rest = match self.bytes {
            [STRING, rest @ ..] => Some(rest),
            [HASH, rest @ ..] => rest.get(32..),
            _ => None,
        };
        match rest {
            Some(rest) => {
                self.bytes = rest;
                Ok(())
            }
            None => self.take().map(|_| ()),
        }
    }

    pub(crate) fn string(&mut self) -> Result<&'a [u8], RlpError> {
        self.take()?.string()
    }

    pub(crate) fn hash(&mut self) -> Result<&'a [u8; 32], RlpError> {
        self.fixed()
    }

    /// A string of `N` bytes.
    pub(crate) fn fixed<const N: usize>(&mut self) -> Result<&'a [u8; N], RlpError> {
        let bytes = self.string()?;
        bytes.try_into().map_err(|_| RlpError::Length {
            got: bytes.len(),
            expected: N,
        })
    }

    /// The items of a list that is an item.
    pub(crate) fn list(&mut self) -> Result<Self, RlpError> {
        match self.take()? {
            Item::List { payload, .. } => Ok(Self { bytes: payload }),
            Item::String(_) => Err(RlpError::NotList),
        }
    }

    /// A number of at most `N` bytes, filled up with zeros in front.
    pub(crate) fn number<const N: usize>(&mut self) -> Result<[u8; N], RlpError> {
        let bytes = self.string()?;
        if bytes.len() > N || bytes.first() == Some(&0) {
            return Err(RlpError::Number { limit: N });
        }
        let mut number = [0; N];
        number[N - bytes.len()..].copy_from_slice(bytes);
        Ok(number)
    }

    pub(crate) const fn finish(self) -> Result<(), RlpError> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(RlpError::Trailing {
                remaining: self.bytes.len(),
            })
        }
    }

    fn take_any(&mut self, first: u8) -> Result<Item<'a>, RlpError> {
        let all = self.bytes;
        if first < STRING {
            return Ok(Item::String(self.split(1)?));
        }
        let base = if first < LIST { STRING } else { LIST };
        let short = usize::from(first - base);
        let header = if short <= SHORT { 1 } else { 1 + short - SHORT };
        let header_bytes = self.split(header)?;
        let length = if short <= SHORT {
            short
        } else {
            long_length(&header_bytes[1..])?
        };
        let payload = self.split(length)?;
        if base == LIST {
            return Ok(Item::List {
                payload,
                encoded: &all[..header + length],
            });
        }
        // A single byte below 0x80 stands for itself.
        if let [byte] = payload
            && *byte < STRING
        {
            return Err(RlpError::NotShortest);
        }
        Ok(Item::String(payload))
    }

    fn split(&mut self, length: usize) -> Result<&'a [u8], RlpError> {
        let truncated = RlpError::Truncated {
            needed: length,
            remaining: self.bytes.len(),
        };
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(truncated)?;
        self.bytes = rest;
        Ok(taken)
    }
}

fn long_length(bytes: &[u8]) -> Result<usize, RlpError> {
    if bytes.len() > 4 {
        return Err(RlpError::LengthTooLong { bytes: bytes.len() });
    }
    let length = bytes
        .iter()
        .fold(0_usize, |length, byte| length << 8 | usize::from(*byte));
    if length <= SHORT || bytes.first() == Some(&0) {
        return Err(RlpError::NotShortest);
    }
    Ok(length)
}

/// Writes a list of strings.
pub(crate) fn encode_strings(strings: &[&[u8]]) -> Vec<u8> {
    let mut payload = Vec::new();
    for string in strings {
        match string {
            [byte] if *byte < STRING => {}
            _ => encode_length(STRING, string.len(), &mut payload),
        }
        payload.extend_from_slice(string);
    }
    let mut list = Vec::with_capacity(payload.len() + 9);
    encode_length(LIST, payload.len(), &mut list);
    list.extend_from_slice(&payload);
    list
}

fn encode_length(base: u8, length: usize, out: &mut Vec<u8>) {
    let bytes = length.to_be_bytes();
    let significant = &bytes[(length.leading_zeros() / 8) as usize..];
    if length <= SHORT {
        out.push(base + significant.first().copied().unwrap_or(0));
    } else {
        let long =
            base + 55 + u8::try_from(significant.len()).expect("a length has at most eight bytes");
        out.push(long);
        out.extend_from_slice(significant);
    }
}
