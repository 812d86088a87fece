//! One server: a process, a port and a folder, of which the process may go and come back.

use std::{
    fs::{self, File},
    net::{Ipv4Addr, TcpListener},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail};
use redis::{Client, Connection, FromRedisValue};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::wait_until;

/// How often another free port is tried when somebody was faster to take one.
const PORTS: usize = 8;

/// A Redis server on a free port of this machine; it is killed when this is dropped, and its folder goes.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    arguments: Vec<String>,
    /// How many of the arguments come before our own.
    leading: usize,
    folder: TempDir,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts a server that syncs every write to disk before it answers.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_with(&[])
    }

    /// The same with further options, as on the command line of `redis-server`; they come last, so they count.
    pub fn start_with(arguments: &[&str]) -> anyhow::Result<Self> {
        let durable = [
            "--save",
            "",
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ];
        let arguments: Vec<String> = durable
            .iter()
            .chain(arguments)
            .map(|&text| text.to_owned())
            .collect();
        let mut last = None;
        for _ in 0..PORTS {
            let mut server = Self {
                port: free_port()?,
                arguments: arguments.clone(),
                leading: 0,
                folder: tempfile::tempdir().context("making a folder for redis-server")?,
                child: None,
            };
            match server.start_again() {
                Ok(()) => return Ok(server),
                Err(error) => last = Some(error),
            }
        }
        Err(last.context("no port was tried")?)
    }

    /// Starts a sentinel with a configuration of its own, which it rewrites.
    pub(crate) fn start_sentinel(text: &str) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir().context("making a folder for a sentinel")?;
        let path = folder.path().join("sentinel.conf");
        fs::write(&path, text).context("writing the configuration of a sentinel")?;
        let mut sentinel = Self {
            port: free_port()?,
            arguments: vec![path.display().to_string(), "--sentinel".to_owned()],
            leading: 1,
            folder,
            child: None,
        };
        sentinel.start_again()?;
        Ok(sentinel)
    }

    /// A server that follows this one.
    pub fn start_replica(&self) -> anyhow::Result<Self> {
        let port = self.port.to_string();
        let replica = Self::start_with(&["--replicaof", "127.0.0.1", &port])?;
        wait_until("a replica to have its copy", || {
            replica
                .info("replication")
                .is_ok_and(|text| text.contains("master_link_status:up"))
        })?;
        Ok(replica)
    }

    /// Starts the process again on the same folder and port, after [`RedisServer::kill`].
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        let path = self.folder.path().join("log");
        let log = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .context("opening the log of redis-server")?;
        // The file of a sentinel comes first, options follow.
        let child = Command::new("redis-server")
            .args(&self.arguments[..self.leading])
            .args(["--bind", "127.0.0.1", "--port"])
            .arg(self.port.to_string())
            .arg("--dir")
            .arg(self.folder.path())
            .args(&self.arguments[self.leading..])
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("sharing the log")?)
            .stderr(log)
            .spawn()
            .context("starting redis-server; is it installed?")?;
        // Another process may have the port, and answer in our server's place.
        let own = format!("process_id:{}\r", child.id());
        self.child = Some(child);
        let mut ended = false;
        wait_until("redis-server to answer", || {
            ended = self.has_ended();
            ended || self.info("server").is_ok_and(|text| text.contains(&own))
        })?;
        if ended {
            let log = fs::read_to_string(&path).unwrap_or_default();
            bail!("redis-server ended at once:\n{log}");
        }
        Ok(())
    }

    /// The same with further options from now on.
    pub fn start_again_with(&mut self, arguments: &[&str]) -> anyhow::Result<()> {
        let arguments = arguments.iter().map(|&text| text.to_owned());
        self.arguments.extend(arguments);
        self.start_again()
    }

    /// Ends the process as a power failure of its own would (SIGKILL); the folder stays.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill().context("killing redis-server")?;
            child.wait().context("waiting for redis-server")?;
        }
        Ok(())
    }

    /// Stops the process where it stands (SIGSTOP): it keeps its connections and answers nothing.
    pub fn freeze(&self) -> anyhow::Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets a frozen process go on.
    pub fn thaw(&self) -> anyhow::Result<()> {
        self.signal(Signal::CONT)
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, as `host:port`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// A connection of its own, for tests that look behind a store.
    pub fn connect(&self) -> anyhow::Result<Connection> {
        let client = Client::open(self.url()).context("reading the URL of redis-server")?;
        client
            .get_connection()
            .context("connecting to redis-server")
    }

    /// Runs one command.
    pub fn command<T: FromRedisValue>(&self, words: &[&str]) -> anyhow::Result<T> {
        let (name, arguments) = words.split_first().context("a command has a name")?;
        redis::cmd(name)
            .arg(arguments)
            .query(&mut self.connect()?)
            .with_context(|| format!("asking redis-server to {name}"))
    }

    fn info(&self, section: &str) -> anyhow::Result<String> {
        self.command(&["INFO", section])
    }

    fn has_ended(&mut self) -> bool {
        let child = self.child.as_mut();
        child.is_none_or(|child| !matches!(child.try_wait(), Ok(None)))
    }

    fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        let id = self
            .child
            .as_ref()
            .context("redis-server is not running")?
            .id();
        let id = i32::try_from(id).ok().and_then(Pid::from_raw);
        kill_process(id.context("a process id is positive")?, signal)
            .context("signalling redis-server")
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        // Nothing can be done about a process that cannot be killed.
        drop(self.kill());
    }
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("asking for a free port")?;
    Ok(listener
        .local_addr()
        .context("reading the free port")?
        .port())
}
