//! The command line.

use std::net::SocketAddr;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use valence_coprocessor_devnet::{
    DevnetConfig, DevnetError, Fork, ForkSchedule, Participation, Preset,
};

/// Simulated beacon chain over the blocks of an execution node, with the beacon API of light clients.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor-devnet", version)]
pub(crate) struct Arguments {
    /// Execution node, one that mines when told to (anvil)
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8545")]
    execution: String,

    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:5052")]
    bind: SocketAddr,

    /// Size of committees, epochs and periods
    #[arg(long, value_enum, default_value_t = PresetName::Minimal)]
    preset: PresetName,

    /// A slot passes every so many seconds; with 0 only when asked: POST /admin/advance?slots=1
    #[arg(long, value_name = "SECONDS", default_value_t = 1)]
    pub(crate) seconds_per_slot: u64,

    /// Fork, or forks with the epoch of each but the first: electra, or capella,deneb=2,electra=4
    #[arg(long, value_name = "FORKS", default_value = "electra")]
    fork: String,

    /// How many of a committee sign; all if not given
    #[arg(long, value_name = "MEMBERS")]
    participation: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PresetName {
    Minimal,
    Mainnet,
}

impl TryFrom<Arguments> for DevnetConfig {
    type Error = anyhow::Error;

    fn try_from(arguments: Arguments) -> anyhow::Result<Self> {
        let mut config = Self::new(&arguments.execution);
        config.bind = arguments.bind;
        config.preset = match arguments.preset {
            PresetName::Minimal => Preset::Minimal,
            PresetName::Mainnet => Preset::Mainnet,
        };
        config.forks = forks(&arguments.fork)?;
        config.participation = arguments
            .participation
            .map_or(Participation::Full, Participation::Count);
        // What the chain says is what it does; a chain without a clock keeps the preset's.
        config.seconds_per_slot =
            (arguments.seconds_per_slot > 0).then_some(arguments.seconds_per_slot);
        Ok(config)
    }
}

fn forks(text: &str) -> anyhow::Result<ForkSchedule> {
    let mut parts = text.split(',');
    let first = fork(parts.next().unwrap_or_default())?;
    parts.try_fold(ForkSchedule::from_genesis(first), |schedule, part| {
        let (name, epoch) = part
            .split_once('=')
            .with_context(|| format!("`{part}` has no epoch"))?;
        let epoch = epoch
            .parse()
            .with_context(|| format!("`{epoch}` is no epoch"))?;
        schedule
            .then(fork(name)?, epoch)
            .map_err(|error: DevnetError| error.into())
    })
}

fn fork(name: &str) -> anyhow::Result<Fork> {
    let found = Fork::ALL.into_iter().find(|fork| fork.name() == name);
    found.with_context(|| format!("`{name}` is no fork: capella, deneb, electra, fulu"))
}

#[cfg(test)]
mod tests {
    use valence_coprocessor_devnet::Fork;

    use super::forks;

    #[test]
    fn a_schedule_is_read() {
        let schedule = forks("capella,deneb=2,fulu=4").expect("a schedule");
        assert_eq!(schedule.at(1), Fork::Capella);
        assert_eq!(schedule.at(2), Fork::Deneb);
        assert_eq!(schedule.epoch(Fork::Electra), 4);
        assert_eq!(schedule.at(9), Fork::Fulu);
    }

    #[test]
    fn doubtful_schedules_are_refused() {
        for text in [
            "",
            "altair",
            "capella,deneb",
            "capella,deneb=x",
            "deneb,capella=3",
        ] {
            assert!(forks(text).is_err(), "{text}");
        }
    }
}
