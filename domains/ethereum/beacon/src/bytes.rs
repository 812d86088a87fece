//! `Bytes`: a fixed number of bytes, and how JSON of the Beacon API writes bytes and numbers.

use std::fmt;
use std::str::FromStr;

use alloy_primitives::U256;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A fixed number of bytes; in JSON hexadecimal with `0x`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> Bytes<N> {
    /// Zeros.
    pub const ZERO: Self = Self([0; N]);

    /// Whether all bytes are zero.
    pub fn is_zero(&self) -> bool {
        self.0.iter().all(|byte| *byte == 0)
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("0x")?;
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = byte_list::deserialize(deserializer)?;
        let got = bytes.len();
        let fixed = bytes
            .try_into()
            .map_err(|_| D::Error::custom(format!("{got} bytes where {N} are expected")))?;
        Ok(Self(fixed))
    }
}

/// Bytes of any number, as hexadecimal.
pub(crate) mod byte_list {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("0x{}", alloy_primitives::hex::encode(bytes)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text
            .strip_prefix("0x")
            .ok_or_else(|| D::Error::custom("hexadecimal starts with 0x"))?;
        let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
            return Err(D::Error::custom("an odd number of hexadecimal digits"));
        };
        pairs
            .iter()
            .map(|[high, low]| {
                let digit = |character: u8| char::from(character).to_digit(16);
                let byte = digit(*high)
                    .zip(digit(*low))
                    .map(|(high, low)| high << 4 | low);
                byte.and_then(|byte| u8::try_from(byte).ok())
                    .ok_or_else(|| D::Error::custom("a character that is no hexadecimal digit"))
            })
            .collect()
    }
}

/// Numbers, which JSON writes in quotes.
pub(crate) mod quoted {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "the signature that serde calls fields' functions with"
    )]
    pub(crate) fn serialize<S: Serializer>(number: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// Numbers that older forks do not have.
pub(crate) mod quoted_option {
    use super::{Deserialize, Deserializer, Serializer};
    use serde::de::Error as _;

    #[expect(
        clippy::ref_option,
        reason = "the signature that serde calls fields' functions with"
    )]
    pub(crate) fn serialize<S: Serializer>(
        number: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match number {
            Some(number) => serializer.collect_str(number),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| text.parse().map_err(D::Error::custom))
            .transpose()
    }
}

/// A `uint256`: 32 bytes little-endian, as SSZ has it; in JSON a decimal in quotes, or hexadecimal.
pub(crate) mod uint256 {
    use super::{Bytes, Deserialize, Deserializer, FromStr as _, Serializer, U256};
    use serde::de::Error as _;

    pub(crate) fn serialize<S: Serializer>(
        number: &Bytes<32>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&U256::from_le_bytes(number.0))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Bytes<32>, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = U256::from_str(&text).map_err(D::Error::custom)?;
        Ok(Bytes(number.to_le_bytes()))
    }
}
