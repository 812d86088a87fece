//! Starting a prover worker as an operator does.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Command;

use crate::Process;

/// A worker starts its zkVM only when work comes.
const START: Duration = Duration::from_mins(1);

const STOP: Duration = Duration::from_mins(1);

/// The secret that workers and services of tests share.
pub const WORKER_SECRET: &str = "a secret of tests, longer than thirty-two characters";

/// How to start a worker.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// The program.
    pub program: PathBuf,
    /// `execute` or `cpu`.
    pub backend: &'static str,
    /// Work at once.
    pub slots: u32,
    /// Work that may wait.
    pub queue: u32,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// Where its output goes.
    pub log: PathBuf,
}

/// A running worker on loopback.
#[derive(Debug)]
pub struct Worker {
    process: Process,
    address: String,
}

impl Worker {
    /// Starts it and waits until it listens.
    pub async fn start(options: &WorkerOptions) -> anyhow::Result<Self> {
        let mut command = Command::new(&options.program);
        command
            .args(["serve", "--backend", options.backend])
            .args(["--port", &options.port.to_string()])
            .args(["--slots", &options.slots.to_string()])
            .args(["--queue", &options.queue.to_string()])
            .env("VALENCE_PROVER_SECRET", WORKER_SECRET)
            .env("NO_COLOR", "1")
            .env_remove("RUST_LOG");
        let mut process = Process::start_command(command, &options.log).await?;
        let address = process.wait_for(START, "its address", address).await?;
        Ok(Self { process, address })
    }

    /// `host:port`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Stops it where it is, as a machine that hangs, until [`Self::thaw`].
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// Ends it as a power failure would.
    pub async fn kill(self) -> anyhow::Result<()> {
        self.process.kill().await
    }

    /// Asks it to end, and waits until it has.
    pub async fn terminate(self) -> anyhow::Result<std::process::ExitStatus> {
        self.process.terminate(STOP).await
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self.process.id().context("the worker has ended")?;
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(pid.context("a process id")?, signal).context("signalling the worker")
    }
}

/// The address in the line with which a worker says that it listens.
fn address(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("listening on ")?;
    let rest = rest.split_once("://").map_or(rest, |(_, rest)| rest);
    let end = rest
        .find(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == ':'))
        .unwrap_or(rest.len());
    let address: std::net::SocketAddr = rest[..end].parse().ok()?;
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_address_is_found_with_and_without_a_scheme() {
        for line in [
            "listening on 127.0.0.1:4000 (execute)",
            "listening on https://127.0.0.1:4000",
        ] {
            assert_eq!(super::address(line).as_deref(), Some("127.0.0.1:4000"));
        }
        assert_eq!(super::address("starting"), None);
    }
}
