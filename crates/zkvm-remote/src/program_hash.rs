//! `ProgramHash`: the name of an ELF between service and worker.

use core::fmt;

use sha2::{Digest as _, Sha256};

/// SHA-256 of an ELF. Both sides compute it themselves, so that no program can stand under another's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProgramHash([u8; 32]);

impl ProgramHash {
    /// The hash of an ELF.
    pub fn of(elf: &[u8]) -> Self {
        Self(Sha256::digest(elf).into())
    }

    /// The hash as it is sent.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The hash that was sent; `None` if it has not 32 bytes.
    pub(crate) fn from_sent(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The hash whose text this is.
    pub(crate) fn from_text(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64
            || !text
                .bytes()
                .all(|digit| b"0123456789abcdef".contains(&digit))
        {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok()?;
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for ProgramHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::ProgramHash;

    #[test]
    fn text_goes_both_ways() {
        let hash = ProgramHash::of(b"an ELF");
        assert_eq!(ProgramHash::from_text(&hash.to_string()), Some(hash));
        assert_eq!(
            ProgramHash::from_text(&hash.to_string().to_uppercase()),
            None
        );
        assert_eq!(ProgramHash::from_text("../../etc"), None);
    }
}
