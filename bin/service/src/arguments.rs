//! The command line.

use std::{ffi::OsStr, net::IpAddr, path::PathBuf, str::FromStr};

use clap::{Parser, ValueEnum, builder::TypedValueParser, error::ErrorKind};
use url::Url;
use valence_coprocessor_store_redis::RedisConfig;
use valence_coprocessor_wasm::AllowedTarget;
use valence_coprocessor_zkvm::ProofKind;
use valence_coprocessor_zkvm_remote::WorkerAddress;

use crate::environment;

/// Co-processor service: proofs of programs over the state of several chains.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor-service", version)]
pub(crate) struct Arguments {
    /// Address to listen on. Whoever reaches it may deploy code and ask for proofs
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", env = environment::BIND)]
    pub(crate) bind: IpAddr,

    /// Port to listen on; 0 takes a free one
    #[arg(long, default_value_t = 37_281, env = environment::PORT)]
    pub(crate) port: u16,

    /// Writes the address to this file once the service listens
    #[arg(long, value_name = "FILE", env = environment::PORT_FILE)]
    pub(crate) port_file: Option<PathBuf>,

    /// Where data is kept: `memory` (gone when the service ends), `redb` (in one file of the data folder), or the URL of a
    /// Redis that several services share: redis://…, redis+sentinel://… or redis+cluster://…, rediss for TLS
    #[arg(long, value_name = "STORE", default_value = "redb", value_parser = StoreParser, env = environment::STORE, hide_env_values = true)]
    pub(crate) store: StoreChoice,

    /// Folder of the embedded store, created on the first start
    #[arg(long, value_name = "FOLDER", default_value = ".valence/data", env = environment::DATA_DIR)]
    pub(crate) data_dir: PathBuf,

    /// Development mode: takes blocks as controllers give them. Every answer is marked, and proves nothing about a chain
    #[arg(long, conflicts_with = "domain_set")]
    pub(crate) dev: bool,

    /// File with the domains whose blocks are taken, each with controller, verifying key and genesis
    #[arg(long, value_name = "FILE", env = environment::DOMAIN_SET)]
    pub(crate) domain_set: Option<PathBuf>,

    /// Node of a chain, for controllers; several for one chain are tried in order
    #[arg(long, value_name = "CHAIN=URL")]
    pub(crate) rpc: Vec<RpcNode>,

    /// Key of ANKR's nodes, used after those of --rpc
    #[arg(long, value_name = "KEY", env = environment::ANKR_API_KEY, hide_env_values = true)]
    pub(crate) ankr_api_key: Option<String>,

    /// Key of Alchemy's nodes, used after those of --rpc
    #[arg(long, value_name = "KEY", env = environment::ALCHEMY_API_KEY, hide_env_values = true)]
    pub(crate) alchemy_api_key: Option<String>,

    /// Worker that runs and proves circuits, such as `https://worker.example:37282`; several share the work. Its secret is in
    /// `VALENCE_PROVER_SECRET` or `--prover-secret-file`. Without workers this machine proves
    #[arg(long, value_name = "URL", env = environment::PROVERS, value_delimiter = ',')]
    pub(crate) prover: Vec<WorkerAddress>,

    /// Reads the secret that workers share from this file instead of `VALENCE_PROVER_SECRET`
    #[arg(long, value_name = "FILE", env = environment::PROVER_SECRET_FILE)]
    pub(crate) prover_secret_file: Option<PathBuf>,

    /// Proves on this machine too when workers are named
    #[arg(long)]
    pub(crate) prove_here: bool,

    /// Lets controllers, callbacks and callers' workers reach this target although it is not public: host, host:port, address
    /// or network
    #[arg(long, value_name = "TARGET")]
    pub(crate) allow_network: Vec<AllowedTarget>,

    /// Kind of proof when a request names none: execute, core, compressed, groth16 or plonk
    #[arg(long, value_name = "KIND", default_value = "compressed", env = environment::DEFAULT_KIND)]
    pub(crate) default_kind: ProofKind,

    /// Cycles that a circuit may take
    #[arg(long, value_name = "CYCLES", default_value_t = 2_000_000_000)]
    pub(crate) cycle_limit: u64,

    /// Jobs that may wait or run at once
    #[arg(long, value_name = "JOBS", default_value_t = 256)]
    pub(crate) live_jobs: usize,

    /// Seconds that a job may take until it is proven, when its request names no deadline; `--longest-deadline` bounds both
    #[arg(long, value_name = "SECONDS", default_value_t = 24 * 3_600)]
    pub(crate) deadline: u64,

    /// Longest deadline in seconds that a request may name
    #[arg(long, value_name = "SECONDS", default_value_t = 7 * 24 * 3_600)]
    pub(crate) longest_deadline: u64,

    /// Days for which jobs and their proofs are kept after they ended; 0 keeps them for ever
    #[arg(long, value_name = "DAYS", default_value_t = 30)]
    pub(crate) keep_results: u32,

    /// Makes no callbacks: a request that names a `callback_url` is refused
    #[arg(long)]
    pub(crate) no_callbacks: bool,

    /// Attempts at one callback
    #[arg(long, value_name = "ATTEMPTS", default_value_t = 16)]
    pub(crate) callback_attempts: u32,

    /// Hours during which a callback is tried
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(crate) callback_hours: u32,

    /// Free memory without which no core proof is begun, in GiB
    #[arg(long, value_name = "GIB", default_value_t = 10)]
    pub(crate) core_memory: u64,

    /// Free memory without which no other proof is begun, in GiB
    #[arg(long, value_name = "GIB", default_value_t = 18)]
    pub(crate) compressed_memory: u64,

    /// Folder with SP1's Groth16 circuits
    #[arg(long, value_name = "FOLDER", env = environment::GROTH16_CIRCUITS)]
    pub(crate) groth16_circuits: Option<PathBuf>,

    /// Folder with SP1's PLONK circuits
    #[arg(long, value_name = "FOLDER", env = environment::PLONK_CIRCUITS)]
    pub(crate) plonk_circuits: Option<PathBuf>,

    /// Form of the log, which goes to stderr; `RUST_LOG` filters it
    #[arg(long, value_enum, default_value_t = LogFormat::Text, env = environment::LOG_FORMAT)]
    pub(crate) log: LogFormat,

    /// OpenTelemetry collector to which spans are sent by OTLP over HTTP, such as `http://127.0.0.1:4318`
    #[arg(long, value_name = "URL", env = environment::OTLP)]
    pub(crate) otlp: Option<Url>,

    /// Seconds that running jobs get to finish when the service stops; what is left is parked for the next start
    #[arg(long, value_name = "SECONDS", default_value_t = 20)]
    pub(crate) grace: u64,
}

/// Where data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreChoice {
    /// In memory: gone when the service ends.
    Memory,
    /// In one file of the data folder.
    Redb,
    /// In a Redis, which other services may use as well.
    Redis(Box<RedisConfig>),
}

/// Reads `--store`. Not by `FromStr`, because the argument parser would print a wrong value, and a URL may hold a password.
#[derive(Debug, Clone, Copy)]
struct StoreParser;

impl TypedValueParser for StoreParser {
    type Value = StoreChoice;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<StoreChoice, clap::Error> {
        let refuse = |reason: &str| {
            let text = format!("--store: {reason}; it takes memory, redb, or the URL of a Redis\n");
            clap::Error::raw(ErrorKind::ValueValidation, text).with_cmd(command)
        };
        match value.to_str() {
            Some("memory") => Ok(StoreChoice::Memory),
            Some("redb") => Ok(StoreChoice::Redb),
            Some(url) => url
                .parse()
                .map(|config| StoreChoice::Redis(Box::new(config)))
                .map_err(|error| refuse(&format!("{error}"))),
            None => Err(refuse("not UTF-8")),
        }
    }
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

/// A node of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RpcNode {
    pub(crate) chain: String,
    pub(crate) url: Url,
}

impl FromStr for RpcNode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (chain, url) = text
            .split_once('=')
            .ok_or("expected CHAIN=URL, such as eth-mainnet=http://127.0.0.1:8545")?;
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if chain.is_empty() || chain.len() > 64 || !chain.bytes().all(allowed) {
            return Err(format!(
                "`{chain}` is no name of a chain: 1 to 64 of a-z, 0-9 and -"
            ));
        }
        let url: Url = url.parse().map_err(|error| format!("`{url}`: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{url}` is neither http nor https"));
        }
        Ok(Self {
            chain: chain.to_owned(),
            url,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::{Arguments, RpcNode, StoreChoice};

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_node_is_a_chain_and_a_url() {
        let node: RpcNode = "eth-mainnet=http://127.0.0.1:8545/a=b"
            .parse()
            .expect("well-formed");
        assert_eq!(
            (node.chain.as_str(), node.url.as_str()),
            ("eth-mainnet", "http://127.0.0.1:8545/a=b")
        );
        for wrong in [
            "http://127.0.0.1",
            "Eth=http://a",
            "=http://a",
            "eth=file:///etc/passwd",
            "eth=nothing",
        ] {
            wrong.parse::<RpcNode>().expect_err(wrong);
        }
    }

    #[test]
    fn a_store_is_a_name_or_the_url_of_a_redis() {
        let store = |text: &str| {
            Arguments::try_parse_from(["service", "--store", text]).map(|arguments| arguments.store)
        };
        assert_eq!(store("memory").expect("a name"), StoreChoice::Memory);
        assert_eq!(store("redb").expect("a name"), StoreChoice::Redb);
        let redis = store("rediss://user:hush@host/1?namespace=main").expect("a URL");
        let StoreChoice::Redis(config) = redis else {
            panic!("it is a Redis, got {redis:?}");
        };
        assert_eq!(config.namespace(), "main");
        for wrong in [
            "",
            "rocksdb",
            "redis:/host",
            "redis://:hush@host?no=1",
            "redis://:hush@",
        ] {
            let error = store(wrong).expect_err(wrong).to_string();
            assert!(error.contains("memory, redb, or the URL"), "{error}");
            assert!(!error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn development_mode_and_a_domain_set_exclude_each_other() {
        Arguments::try_parse_from(["service", "--dev", "--domain-set", "a.toml"])
            .expect_err("both were given");
    }
}
