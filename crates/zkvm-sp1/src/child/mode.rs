//! What a prover process is for.

use core::{fmt, str::FromStr};

/// What a prover process is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Keys, executions and verification: starts within a second.
    Light,
    /// Proofs on the CPU: starts within minutes and takes gigabytes.
    Cpu,
}

impl Mode {
    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Cpu => "cpu",
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
#[error("unknown mode `{got}`: expected light or cpu")]
pub struct UnknownMode {
    got: String,
}

impl FromStr for Mode {
    type Err = UnknownMode;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "light" => Ok(Self::Light),
            "cpu" => Ok(Self::Cpu),
            got => Err(UnknownMode {
                got: got.to_owned(),
            }),
        }
    }
}
