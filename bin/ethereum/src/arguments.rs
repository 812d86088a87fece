//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Parser, ValueEnum};

use crate::environment;

/// Keeps a domain of the co-processor at the newest final block of an Ethereum chain.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor-ethereum", version)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(crate) struct Arguments {
    /// mainnet, sepolia, hoodi, or a file that describes a network (TOML or JSON)
    #[arg(long, value_name = "NAME|FILE", default_value = "mainnet")]
    pub(crate) network: String,

    /// Beacon node; several are tried in order, those of API keys last
    #[arg(long, value_name = "URL")]
    pub(crate) beacon: Vec<String>,

    /// Key of ANKR's beacon nodes
    #[arg(long, value_name = "KEY", env = environment::ANKR_API_KEY, hide_env_values = true)]
    pub(crate) ankr_api_key: Option<String>,

    /// Key of Alchemy's beacon nodes
    #[arg(long, value_name = "KEY", env = environment::ALCHEMY_API_KEY, hide_env_values = true)]
    pub(crate) alchemy_api_key: Option<String>,

    /// The co-processor service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:37281", env = environment::SERVICE)]
    pub(crate) service: String,

    /// The domain [default: ethereum-NETWORK]
    #[arg(long, value_name = "NAME")]
    pub(crate) domain: Option<String>,

    /// File with the secret key that deployed the domain
    #[arg(
        long,
        value_name = "FILE",
        help = "File with the secret key that deployed the domain [env: VALENCE_SIGNING_KEY holds the key itself]"
    )]
    pub(crate) signing_key: Option<PathBuf>,

    /// Root of the beacon block at which trust begins; needed while the domain has no block
    #[arg(long, value_name = "ROOT")]
    pub(crate) checkpoint: Option<String>,

    /// compressed proves each step; execute sends what the circuit reads, for services in development mode
    #[arg(long, value_enum, default_value_t = Kind::Compressed)]
    pub(crate) kind: Kind,

    /// The same as --kind execute
    #[arg(long, conflicts_with = "kind")]
    pub(crate) dev_execute: bool,

    /// The circuit `ethereum-step`; --kind execute does without
    #[arg(long, value_name = "FILE")]
    pub(crate) elf: Option<PathBuf>,

    /// Most sync committee periods in one step, at least 2
    #[arg(long, value_name = "PERIODS", default_value_t = 8)]
    pub(crate) max_periods_per_step: u64,

    /// Ends once the domain is at the newest final block
    #[arg(long)]
    pub(crate) once: bool,

    /// Says what would be appended, and neither proves nor writes anything
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Prints the state at the checkpoint, which the domain set pins, and ends
    #[arg(long, requires = "checkpoint")]
    pub(crate) print_genesis: bool,

    /// Prints a draft of a network's file from what a beacon node says of itself, which it trusts, and ends
    #[arg(long, conflicts_with_all = ["print_genesis", "once", "dry_run"])]
    pub(crate) print_network: bool,

    /// Seconds between two looks at the chain [default: one epoch]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) interval: Option<u64>,

    /// Failures in a row after which --once gives up
    #[arg(long, value_name = "COUNT", default_value_t = 8)]
    pub(crate) attempts: u32,

    /// Cycles that a step may take
    #[arg(long, value_name = "CYCLES", default_value_t = 2_000_000_000)]
    pub(crate) cycle_limit: u64,

    /// Seconds that a proof may take, once the prover is ready
    #[arg(long, value_name = "SECONDS", default_value_t = 21_600)]
    pub(crate) proof_seconds: u64,

    /// Serves metrics for Prometheus at this address, under /metrics
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) metrics_bind: Option<SocketAddr>,

    /// Prints results as JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is made of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// A compressed proof
    Compressed,
    /// Nothing: the service runs the step
    Execute,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Arguments;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_excludes_each_other_is_refused() {
        for wrong in [
            &["--dev-execute", "--kind", "execute"][..],
            &["--print-genesis"],
            &["--print-network", "--once"],
            &["--kind", "core"],
        ] {
            let line = std::iter::once(&"ethereum").chain(wrong);
            Arguments::try_parse_from(line).expect_err("these do not go together");
        }
    }
}
