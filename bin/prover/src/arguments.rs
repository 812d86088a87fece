//! The command line.

use std::{net::IpAddr, num::NonZeroU64, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use url::Url;
use valence_coprocessor_protocol::VerifyingKeyHash;
use valence_coprocessor_zkvm::ProofKind;
use valence_coprocessor_zkvm_remote::DEFAULT_PORT;

/// Runs and proves circuits of the Valence co-processor, as a worker of services or by hand.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor-prover", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Print the result as JSON.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Folder with SP1's Groth16 circuits.
    #[arg(
        long,
        global = true,
        env = "SP1_GROTH16_CIRCUIT_PATH",
        value_name = "FOLDER"
    )]
    pub(crate) groth16_circuits: Option<PathBuf>,
    /// Folder with SP1's PLONK circuits.
    #[arg(
        long,
        global = true,
        env = "SP1_PLONK_CIRCUIT_PATH",
        value_name = "FOLDER"
    )]
    pub(crate) plonk_circuits: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    ByHand(ByHand),
    /// Serve as a worker: run and prove circuits for services.
    Serve(Serve),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ByHand {
    /// Print the hash of a circuit's verifying key, as contracts pin it.
    Vk {
        /// The circuit's ELF.
        elf: PathBuf,
    },
    /// Run a circuit without proving it.
    Execute {
        #[command(flatten)]
        run: Run,
    },
    /// Prove a run of a circuit.
    Prove {
        #[command(flatten)]
        run: Run,
        /// core, compressed, groth16 or plonk.
        #[arg(long, default_value = "compressed")]
        kind: ProofKind,
        /// Where to write the proof file.
        #[arg(long)]
        out: PathBuf,
        /// The nonce under which the circuit is deployed; part of the circuit id in the file.
        #[arg(long, default_value_t = 0)]
        nonce: u64,
        #[command(flatten)]
        proving: Proving,
    },
    /// Verify a proof file.
    Verify {
        /// The proof file.
        file: PathBuf,
        #[command(flatten)]
        key: Key,
    },
}

/// How a worker serves.
///
/// The secret that it shares with its services is in the variable `VALENCE_PROVER_SECRET` or in a file; never an
/// argument, since everybody on a machine sees those.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address to listen on. Beyond this machine a secret is needed.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub(crate) bind: IpAddr,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = DEFAULT_PORT)]
    pub(crate) port: u16,
    /// Writes the address to this file once the worker listens.
    #[arg(long, value_name = "FILE")]
    pub(crate) port_file: Option<PathBuf>,
    /// Reads the secret from this file instead of `VALENCE_PROVER_SECRET`. With a secret, connections are encrypted.
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) proving: Proving,
    /// Work that may run at once; more than 1 is for the backends `execute` and `network`.
    #[arg(long, default_value_t = 1)]
    pub(crate) slots: usize,
    /// Work that may wait. More is refused, and goes to another worker or comes again.
    #[arg(long, value_name = "COUNT", default_value_t = 64)]
    pub(crate) queue: usize,
    /// The most cycles of one piece of work, whatever it asks for.
    #[arg(long, value_name = "CYCLES")]
    pub(crate) cycle_limit: Option<u64>,
    /// The most seconds of one piece of work, whatever it asks for.
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    pub(crate) time_limit: u64,
    /// Bytes of programs that are kept; those that were not used for longest go first.
    #[arg(long, value_name = "BYTES", default_value_t = 1 << 30)]
    pub(crate) program_cache_bytes: u64,
    /// Keeps programs in this folder, which is the worker's alone, instead of in memory.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) program_cache: Option<PathBuf>,
    /// OpenTelemetry collector to which spans are sent by OTLP over HTTP, such as `http://127.0.0.1:4318`.
    #[arg(long, value_name = "URL", env = "OTEL_EXPORTER_OTLP_ENDPOINT")]
    pub(crate) otlp: Option<Url>,
    /// Seconds that running work may go on after SIGTERM or SIGINT before it is given up. Services have work that is
    /// given up done elsewhere.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    pub(crate) drain: u64,
}

/// What does the work, and what it is told.
#[derive(Debug, Args)]
pub(crate) struct Proving {
    /// What does the work.
    #[arg(long, value_enum, default_value_t = Backend::Cpu)]
    pub(crate) backend: Backend,
    /// With backend cuda: SP1's CUDA server. It is looked for at ~/.sp1/bin/sp1-gpu-server.
    #[arg(long, value_name = "FILE")]
    pub(crate) cuda_server: Option<PathBuf>,
    /// With backend cuda: the GPU, as CUDA counts them. One worker has one.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub(crate) cuda_device: u32,
    /// With backend network: reads the key of the account that pays from this file instead of `NETWORK_PRIVATE_KEY`.
    #[arg(long, value_name = "FILE")]
    pub(crate) network_key_file: Option<PathBuf>,
    /// With backend network: who proves.
    #[arg(long, value_enum, default_value_t = NetworkMode::Mainnet)]
    pub(crate) network_mode: NetworkMode,
    /// With backend network: where the network or a cluster's gateway is asked, if not at SP1's own address.
    #[arg(long, value_name = "URL")]
    pub(crate) network_url: Option<String>,
    /// With backend network: the most that one unit of its gas may cost, in the smallest unit of its token. Otherwise what
    /// the network proposes, and a fifth more.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) network_price: Option<NonZeroU64>,
}

/// Who proves on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NetworkMode {
    /// Whoever wins the auction.
    Mainnet,
    /// Reserved capacity, or a cluster.
    Reserved,
}

/// What does a worker's work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Backend {
    /// Runs circuits without proving them: cheap, and proves nothing.
    Execute,
    /// Proves on the CPU.
    Cpu,
    /// Proves on an NVIDIA GPU.
    Cuda,
    /// Has Succinct's prover network prove.
    Network,
}

impl Backend {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Execute => "execute",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Network => "network",
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// The circuit's ELF.
    pub(crate) elf: PathBuf,
    /// A file with the bytes that the circuit reads.
    pub(crate) input: PathBuf,
    /// The most cycles that the circuit may take.
    #[arg(long, default_value_t = 1_000_000_000)]
    pub(crate) cycles: u64,
    /// The most seconds that it may take, once the prover is ready.
    #[arg(long, default_value_t = 7200)]
    pub(crate) seconds: u64,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Key {
    /// The circuit whose proof it must be.
    #[arg(long)]
    pub(crate) elf: Option<PathBuf>,
    /// The verifying key's hash that it must be of; core proofs need --elf.
    #[arg(long)]
    pub(crate) vk: Option<VerifyingKeyHash>,
}
