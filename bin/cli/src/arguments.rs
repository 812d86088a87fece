//! The command line: commands, options and their help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use valence_coprocessor_api::ProofKind;
use valence_coprocessor_protocol::Root;

use crate::manifest;

const MANIFEST_EXAMPLE: &str = "\
A manifest, valence.toml:

  [coprocessor]
  url = \"http://127.0.0.1:37281\"

  [circuit.balance]
  circuit = \"circuit\"          # a folder with a Cargo.toml, or a package
  controller = \"controller\"

Example: valence-coprocessor build --name balance";

/// Build, deploy, prove and verify with the Valence co-processor.
#[derive(Debug, Parser)]
#[command(name = "valence-coprocessor", version, arg_required_else_help = true)]
pub(crate) struct Arguments {
    #[arg(
        long,
        help = "Address of the service [env: VALENCE_COPROCESSOR_URL] [else: valence.toml, else http://127.0.0.1:37281]",
        short = 's',
        visible_alias = "socket",
        global = true,
        value_name = "URL"
    )]
    pub(crate) url: Option<String>,

    /// The manifest
    #[arg(long, short, global = true, value_name = "FILE", default_value = manifest::FILE_NAME)]
    pub(crate) manifest: PathBuf,

    #[arg(
        long,
        help = "File with the secret key that signs requests [env: VALENCE_SIGNING_KEY holds the key itself]",
        global = true,
        value_name = "FILE"
    )]
    pub(crate) key: Option<PathBuf>,

    /// Print the result as JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build the circuits and controllers of the manifest
    #[command(after_help = MANIFEST_EXAMPLE)]
    Build(NameArguments),
    /// Deploy what was built, and pin ids and verifying keys in valence.lock
    #[command(after_help = "Example: valence-coprocessor deploy --url http://127.0.0.1:37281")]
    Deploy(NameArguments),
    /// Fetch ELF, controller and verifying key of a circuit into files
    #[command(after_help = "Example: valence-coprocessor download --circuit balance --out backup")]
    Download(DownloadArguments),
    /// Print the ELF, the controller or the verifying key of a circuit
    #[command(subcommand)]
    Get(GetCommand),
    /// Deploy a circuit of one service to another
    #[command(
        after_help = "Example: valence-coprocessor migrate --source http://old:37281 --circuit balance --url http://new:37281"
    )]
    Migrate(MigrateArguments),
    /// Ask for a proof and wait for it
    #[command(
        after_help = "Examples:\n  valence-coprocessor prove --circuit balance --args '{\"number\": 7}' --out balance.proof\n  valence-coprocessor prove --args @request.json --kind execute\n  valence-coprocessor prove --args '{}' --witnesses"
    )]
    Prove(ProveArguments),
    /// List, show, follow and cancel jobs
    #[command(
        after_help = "Examples:\n  valence-coprocessor jobs list --state failed\n  valence-coprocessor jobs follow 3f0c…"
    )]
    Jobs(JobsArguments),
    /// Say how the service is
    Status,
    /// Verify a proof offline
    #[command(
        after_help = "The verifying key comes from --vk, or from valence.lock for the circuit that the file names, or, with\n--circuit, from the service.\n\nExample: valence-coprocessor verify balance.proof --vk 00ab…"
    )]
    Verify(VerifyArguments),
    /// List domains, deploy one, add and show blocks
    #[command(
        after_help = "Examples:\n  valence-coprocessor domains latest ethereum-mainnet\n  valence-coprocessor domains deploy my-chain --controller c.wasm --elf c.elf"
    )]
    Domains(DomainsArguments),
    /// Print the newest root, appends and openings
    #[command(
        after_help = "Examples:\n  valence-coprocessor history\n  valence-coprocessor history opening ethereum-mainnet 21000000"
    )]
    History(HistoryArguments),
}

#[derive(Debug, Args)]
pub(crate) struct NameArguments {
    /// Only this circuit of the manifest
    #[arg(long, short)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct CircuitArguments {
    /// Id of a circuit, or its name in the manifest; not needed if the manifest has one circuit
    #[arg(long, short)]
    pub(crate) circuit: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DownloadArguments {
    #[command(flatten)]
    pub(crate) circuit: CircuitArguments,
    /// The folder to write to
    #[arg(long, short, value_name = "FOLDER", default_value = ".")]
    pub(crate) out: PathBuf,
    /// The nonce that the circuit was deployed with: the ELF is checked against the id
    #[arg(long, default_value_t = 0)]
    pub(crate) nonce: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GetCommand {
    /// The ELF, in base64
    Circuit(GetArguments),
    /// The controller, in base64
    Runtime(GetArguments),
    /// The verifying key: its hash (bytes32); with --json also the key itself
    Vk(GetArguments),
}

#[derive(Debug, Args)]
pub(crate) struct GetArguments {
    #[command(flatten)]
    pub(crate) circuit: CircuitArguments,
    /// Write the bytes to this file instead
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct MigrateArguments {
    /// The service to take the circuit from
    #[arg(long, value_name = "URL")]
    pub(crate) source: String,
    #[command(flatten)]
    pub(crate) circuit: CircuitArguments,
    /// The nonce to deploy with: the same nonce gives the same id
    #[arg(long, default_value_t = 0)]
    pub(crate) nonce: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ProveArguments {
    #[command(flatten)]
    pub(crate) circuit: CircuitArguments,
    /// Arguments for the controller: JSON, @FILE, or - for stdin
    #[arg(long, short, value_name = "JSON", default_value = "{}")]
    pub(crate) args: String,
    /// Kind of proof: execute, core, compressed, groth16 or plonk [default: as the service is configured]
    #[arg(long, short)]
    pub(crate) kind: Option<ProofKind>,
    /// Prove at this root [default: the newest]
    #[arg(long)]
    pub(crate) root: Option<Root>,
    /// JSON for the controller's entry point, which then gets the proof
    #[arg(long, value_name = "JSON")]
    pub(crate) payload: Option<String>,
    /// Write the proof to this file, for `verify`
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Print the id of the job and do not wait
    #[arg(long, conflicts_with = "out")]
    pub(crate) detach: bool,
    /// Let the service post the outcome here, signed; see `status` for the key
    #[arg(long, value_name = "URL")]
    pub(crate) callback_url: Option<String>,
    /// Let the job fail after so many seconds unless it is proven [default: as the service is configured]
    #[arg(long, value_name = "SECONDS")]
    pub(crate) deadline: Option<u64>,
    /// Compute and print the witnesses only
    #[arg(long, visible_alias = "debug", conflicts_with_all = ["out", "detach", "kind", "payload", "callback_url", "deadline"])]
    pub(crate) witnesses: bool,
}

#[derive(Debug, Args)]
pub(crate) struct JobsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<JobsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum JobsCommand {
    /// List jobs, newest first; what `jobs` alone does
    List {
        /// Only of this circuit: an id, or a name in the manifest
        #[arg(long, short)]
        circuit: Option<String>,
        /// Only in this state: accepted, witness, queued, proving, verifying, delivering, done, failed or cancelled
        #[arg(long)]
        state: Option<String>,
        /// Only older than this job
        #[arg(long, value_name = "ID")]
        before: Option<String>,
        /// At most so many
        #[arg(long)]
        limit: Option<u32>,
    },
    /// Show one job
    Show {
        /// Id of the job
        id: String,
    },
    /// Wait for a job to end
    Follow {
        /// Id of the job
        id: String,
        /// Write the proof to this file
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Cancel a job
    Cancel {
        /// Id of the job
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    /// The proof file that `prove --out` wrote
    pub(crate) file: PathBuf,
    /// The verifying key that the proof must be of, by its hash (bytes32, hexadecimal)
    #[arg(long, value_name = "HASH")]
    pub(crate) vk: Option<String>,
    /// Ask the service for the verifying key of this circuit, which trusts the service
    #[arg(long, short, conflicts_with = "vk")]
    pub(crate) circuit: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct DomainsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<DomainsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DomainsCommand {
    /// List the domains; what `domains` alone does
    List,
    /// Show the newest block of a domain
    Latest {
        /// Name of the domain
        name: String,
    },
    /// Deploy a domain
    Deploy {
        /// Name, of a-z, 0-9 and -
        name: String,
        /// The controller, a wasm file
        #[arg(long, value_name = "FILE")]
        controller: PathBuf,
        /// The light-client circuit, an ELF file; without it the controller alone says what a block is
        #[arg(long, value_name = "FILE")]
        elf: Option<PathBuf>,
    },
    /// Append a block
    Add {
        /// Name of the domain
        name: String,
        /// Arguments for the domain's controller: JSON, @FILE, or - for stdin
        #[arg(long, short, value_name = "JSON")]
        args: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct HistoryArguments {
    #[command(subcommand)]
    pub(crate) command: Option<HistoryCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum HistoryCommand {
    /// Print the newest root; what `history` alone does
    Root,
    /// Show the append that led to a root
    Update {
        /// The root
        root: Root,
    },
    /// Show that a block is in the history
    Opening {
        /// Name or id of the domain
        domain: String,
        /// Number of the block
        number: u64,
        /// Under this root [default: the newest]
        #[arg(long)]
        root: Option<Root>,
    },
    /// List appends with their proofs, oldest first
    List {
        /// After this root [default: the beginning]
        #[arg(long)]
        from: Option<Root>,
        /// Up to this root [default: the newest]
        #[arg(long)]
        to: Option<Root>,
        /// At most so many
        #[arg(long)]
        limit: Option<u32>,
    },
}
