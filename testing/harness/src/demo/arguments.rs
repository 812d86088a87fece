//! What the demo can be asked for.

use clap::{Parser, ValueEnum};

/// Shows the co-processor at work: deploys a token, a domain and a circuit, and proves a balance.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask demo", bin_name = "cargo xtask demo")]
pub(crate) struct Arguments {
    /// What to make: `execute` runs the circuit and proves nothing; the others are real proofs.
    #[arg(long, value_enum, default_value_t = Kind::Execute)]
    pub(crate) kind: Kind,
    /// A node of Ethereum's mainnet, to prove a balance of USDC there; needs `--holder`.
    #[arg(long, value_name = "URL", requires = "holder")]
    pub(crate) rpc: Option<String>,
    /// Whose balance is proven.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) holder: Option<String>,
    /// Keep the data folder, with the logs and the proof.
    #[arg(long)]
    pub(crate) keep: bool,
}

/// Kinds of proof that can be made without a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Runs the circuit, proves nothing; seconds.
    Execute,
    /// A proof whose size grows with the circuit; minutes, 10 GiB of memory.
    Core,
    /// A STARK of constant size; a quarter of an hour, 18 GiB of memory.
    Compressed,
}

impl Kind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Core => "core",
            Self::Compressed => "compressed",
        }
    }
}
