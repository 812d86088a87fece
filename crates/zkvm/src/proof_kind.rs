//! The kinds of results a circuit's run can be asked for.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What is made of a circuit and its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ProofKind {
    /// Runs the circuit and proves nothing.
    Execute,
    /// A proof whose size grows with the cycles; does not bind inner proofs.
    Core,
    /// A proof of constant size that binds inner proofs.
    Compressed,
    /// A compressed proof wrapped for contracts: small, with a trusted set-up per circuit version.
    Groth16,
    /// A compressed proof wrapped for contracts, with a universal set-up.
    Plonk,
}

impl ProofKind {
    /// Every kind, from the cheapest.
    pub const ALL: [Self; 5] = [
        Self::Execute,
        Self::Core,
        Self::Compressed,
        Self::Groth16,
        Self::Plonk,
    ];

    /// The name in requests, files and configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Core => "core",
            Self::Compressed => "compressed",
            Self::Groth16 => "groth16",
            Self::Plonk => "plonk",
        }
    }

    /// Whether proofs that the circuit verifies inside are bound by this kind.
    pub const fn binds_inner_proofs(self) -> bool {
        matches!(self, Self::Compressed | Self::Groth16 | Self::Plonk)
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
