//! `DomainName`: the name under which users know a domain.

use alloc::borrow::ToOwned;
use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use crate::DomainNameError;

/// A validated domain name: 1 to 64 characters of `a-z`, `0-9` and `-`.
///
/// The restriction makes a name safe in paths, URLs and log lines without escaping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(String);

impl DomainName {
    /// The longest possible name, in characters.
    pub const MAX_LENGTH: usize = 64;

    /// Validates a name.
    pub fn new(name: &str) -> Result<Self, DomainNameError> {
        if name.is_empty() || name.len() > Self::MAX_LENGTH {
            return Err(DomainNameError::Length { got: name.len() });
        }
        let allowed = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
        match name.bytes().position(|byte| !allowed(byte)) {
            Some(position) => Err(DomainNameError::Character { position }),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for DomainName {
    type Err = DomainNameError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::new(name)
    }
}

impl AsRef<str> for DomainName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}
