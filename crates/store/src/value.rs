//! A value that was read: shared bytes, cheap to clone, without a copy out of the memory store.

use core::{fmt, ops::Deref};
use std::sync::Arc;

/// The bytes of a value. It may share one allocation with the store's own entry, so reading copies nothing.
#[derive(Clone)]
pub struct Value {
    bytes: Arc<[u8]>,
    start: usize,
}

impl Value {
    /// A value that starts at `start` of a larger allocation.
    pub(crate) fn tail_of(bytes: Arc<[u8]>, start: usize) -> Self {
        debug_assert!(start <= bytes.len());
        Self { bytes, start }
    }
}

impl Deref for Value {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::tail_of(Arc::from(bytes), 0)
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::tail_of(Arc::from(bytes), 0)
    }
}

impl From<Value> for Vec<u8> {
    fn from(value: Value) -> Self {
        value.to_vec()
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Value {}

impl PartialEq<[u8]> for Value {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl PartialEq<Vec<u8>> for Value {
    fn eq(&self, other: &Vec<u8>) -> bool {
        **self == **other
    }
}

impl<const N: usize> PartialEq<[u8; N]> for Value {
    fn eq(&self, other: &[u8; N]) -> bool {
        **self == *other
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0x")?;
        self.iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}
