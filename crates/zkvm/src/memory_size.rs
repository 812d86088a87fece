//! An amount of memory in bytes, shown in GiB.

use core::fmt;

use serde::{Deserialize, Serialize};

/// An amount of memory in bytes; `Display` rounds to a tenth of a GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MemorySize(u64);

impl MemorySize {
    /// So many bytes.
    pub const fn from_bytes(bytes: u64) -> Self {
        Self(bytes)
    }

    /// So many GiB.
    pub const fn from_gibibytes(gibibytes: u64) -> Self {
        Self(gibibytes << 30)
    }

    /// The amount in bytes.
    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// The sum, at most `u64::MAX` bytes.
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for MemorySize {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (u128::from(self.0) * 10) >> 30;
        write!(formatter, "{}.{} GiB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::MemorySize;

    #[test]
    fn shows_tenths_of_a_gibibyte() {
        assert_eq!(MemorySize::from_gibibytes(18).to_string(), "18.0 GiB");
        assert_eq!(MemorySize::from_bytes(3 << 29).to_string(), "1.5 GiB");
        assert_eq!(MemorySize::from_bytes(1).to_string(), "0.0 GiB");
    }
}
