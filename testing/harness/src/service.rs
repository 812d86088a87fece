//! Starting the service as a user does.

use std::{
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use anyhow::Context as _;
use tokio::process::Command;

use crate::{Coprocessor, Process, Programs, WORKER_SECRET};

/// Long enough for a machine that is busy with something else.
const START: Duration = Duration::from_mins(2);

/// The service may finish a step of a proof before it ends.
const STOP: Duration = Duration::from_mins(2);

/// Where the service keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// The embedded store, in this folder.
    Embedded(PathBuf),
    /// Nowhere: gone when the process ends.
    Memory,
    /// A store that several services share, by its URL.
    Shared(String),
}

/// How to start the service.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// The program.
    pub program: PathBuf,
    /// Where data goes.
    pub store: StoreChoice,
    /// URL of the execution node, under the name `ethereum`.
    pub ethereum: Option<String>,
    /// Where its output goes.
    pub log: PathBuf,
    /// What else stands on its command line.
    pub arguments: Vec<String>,
}

impl ServiceOptions {
    /// A service with this store, no node and nothing else on its command line, which logs into a folder.
    pub fn new(programs: &Programs, store: StoreChoice, folder: &Path) -> Self {
        Self {
            program: programs.service.clone(),
            store,
            ethereum: None,
            log: folder.join("service.log"),
            arguments: Vec::new(),
        }
    }

    /// The same with further arguments.
    #[must_use]
    pub fn with<'a>(mut self, arguments: impl IntoIterator<Item = &'a str>) -> Self {
        let arguments = arguments.into_iter().map(str::to_owned);
        self.arguments.extend(arguments);
        self
    }

    /// The same with these workers, each `host:port`, to which it leaves all work.
    #[must_use]
    pub fn with_workers(mut self, workers: &[String]) -> Self {
        for worker in workers {
            let url = format!("https://{worker}");
            self.arguments.extend(["--prover".to_owned(), url]);
        }
        self
    }
}

/// A running service on a free port of loopback, in development mode unless its arguments name a domain set.
#[derive(Debug)]
pub struct Service {
    process: Process,
    coprocessor: Coprocessor,
}

impl Service {
    /// Starts it and waits until it answers.
    pub async fn start(options: &ServiceOptions) -> anyhow::Result<Self> {
        let mut command = Command::new(&options.program);
        command.args(["--port", "0"]);
        let names = |name: &str| options.arguments.iter().any(|argument| argument == name);
        if !names("--domain-set") {
            command.arg("--dev");
        }
        match &options.store {
            StoreChoice::Embedded(folder) => command.arg("--data-dir").arg(folder),
            StoreChoice::Memory => command.args(["--store", "memory"]),
            StoreChoice::Shared(url) => command.args(["--store", url]),
        };
        if let Some(url) = &options.ethereum {
            command.arg("--rpc").arg(format!("ethereum={url}"));
        }
        command.args(&options.arguments);
        // What a person's shell sets must not change what is tested.
        command.env_remove("RUST_LOG").env("NO_COLOR", "1");
        if names("--prover") {
            command.env("VALENCE_PROVER_SECRET", WORKER_SECRET);
        }
        let mut process = Process::start_command(command, &options.log).await?;
        let url = process.wait_for(START, "its address", address).await?;
        let coprocessor = Coprocessor::new(&url)?;
        coprocessor
            .get("/health")
            .await?
            .expect_status(200)
            .context("the service says that it is not healthy")?;
        Ok(Self {
            process,
            coprocessor,
        })
    }

    /// To talk to it.
    pub fn coprocessor(&self) -> &Coprocessor {
        &self.coprocessor
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        self.process.log()
    }

    /// Bytes of memory that it has now (`VmRSS` of the kernel), its prover processes not counted.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let id = self.process.id().context("the service has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))
            .context("reading the status of the service")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
        let kibibytes: u64 = kibibytes
            .context("the kernel tells resident memory in kB")?
            .trim()
            .parse()
            .context("a number")?;
        Ok(kibibytes << 10)
    }

    /// Asks it to end, and waits until it has.
    pub async fn terminate(self) -> anyhow::Result<ExitStatus> {
        self.process.terminate(STOP).await
    }

    /// Ends it as a power failure would.
    pub async fn kill(self) -> anyhow::Result<()> {
        self.process.kill().await
    }
}

/// The URL in the line with which the service says that it listens.
fn address(line: &str) -> Option<String> {
    let start = line.find("http://")?;
    let host = &line[start + "http://".len()..];
    let end = host
        .find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ':'))
        .unwrap_or(host.len());
    let address: std::net::SocketAddr = host[..end].parse().ok()?;
    // The node's URL may stand in the output as well; ours is the one that says so.
    line.contains("listening")
        .then(|| format!("http://{address}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_address_is_found_in_the_line_that_announces_it() {
        let line = "INFO valence_coprocessor: listening on http://127.0.0.1:43127 (development)";
        assert_eq!(
            super::address(line).as_deref(),
            Some("http://127.0.0.1:43127")
        );
        assert_eq!(
            super::address("uses http://127.0.0.1:8545 as ethereum"),
            None
        );
    }
}
