//! The kinds of proofs, with the byte that stands for each in a file.

use core::{fmt, str::FromStr};

/// The kinds of proofs, by the names that service and command line use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ProofKind {
    /// The circuit was run; nothing is proven.
    Execute,
    /// A proof that grows with the cycles.
    Core,
    /// A STARK of constant size.
    Compressed,
    /// A Groth16 proof for contracts.
    Groth16,
    /// A PLONK proof for contracts.
    Plonk,
}

impl ProofKind {
    /// Every kind, in the order of their bytes.
    pub const ALL: [Self; 5] = [
        Self::Execute,
        Self::Core,
        Self::Compressed,
        Self::Groth16,
        Self::Plonk,
    ];

    /// The name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Core => "core",
            Self::Compressed => "compressed",
            Self::Groth16 => "groth16",
            Self::Plonk => "plonk",
        }
    }

    pub(crate) const fn byte(self) -> u8 {
        match self {
            Self::Execute => 0,
            Self::Core => 1,
            Self::Compressed => 2,
            Self::Groth16 => 3,
            Self::Plonk => 4,
        }
    }

    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.byte() == byte)
    }
}

impl fmt::Display for ProofKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is no [`ProofKind`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown proof kind `{got}`: expected execute, core, compressed, groth16 or plonk")]
pub struct UnknownProofKind {
    got: String,
}

impl FromStr for ProofKind {
    type Err = UnknownProofKind;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| UnknownProofKind {
                got: name.to_owned(),
            })
    }
}
