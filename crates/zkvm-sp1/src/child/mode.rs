//! What a prover process is for.

use core::{fmt, str::FromStr};

/// What a prover process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Keys, executions and verification: starts within a second.
    Light,
    /// Proofs on the CPU: starts within minutes and takes gigabytes.
    Cpu,
    /// Proofs on a GPU, by SP1's CUDA server.
    Cuda,
    /// Proofs by SP1's prover network.
    Network,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 4] = [Self::Light, Self::Cpu, Self::Cuda, Self::Network];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Network => "network",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A name that is no [`Mode`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown mode `{got}`: expected light, cpu, cuda or network")]
pub struct UnknownMode {
    got: String,
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == name)
            .ok_or_else(|| UnknownMode {
                got: name.to_owned(),
            })
    }
}
