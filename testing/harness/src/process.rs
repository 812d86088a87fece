//! A child process whose output goes to a file and can be waited for.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    fs::File,
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWriteExt as _, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::timeout,
};

/// How many of the last lines an error shows.
const SHOWN: usize = 20;

/// A running program; it is killed when this is dropped.
#[derive(Debug)]
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Process {
    /// Starts a program; what it prints is appended to the file `log`.
    pub async fn start<A: AsRef<OsStr>>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        log: &Path,
    ) -> anyhow::Result<Self> {
        let mut command = Command::new(program);
        command.args(arguments);
        Self::start_command(command, log).await
    }

    /// The same for a command with its own environment.
    pub async fn start_command(mut command: Command, log: &Path) -> anyhow::Result<Self> {
        let name = Path::new(command.as_std().get_program())
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("starting {name}"))?;
        let (sender, lines) = mpsc::unbounded_channel();
        let stdout = child.stdout.take().context("stdout is piped")?;
        let stderr = child.stderr.take().context("stderr is piped")?;
        tokio::spawn(copy(stdout, open(log).await?, sender.clone()));
        tokio::spawn(copy(stderr, open(log).await?, sender));
        Ok(Self {
            name,
            child,
            log: log.to_owned(),
            lines,
        })
    }

    /// Waits for a line from which `find` reads something.
    pub async fn wait_for<T>(
        &mut self,
        limit: Duration,
        what: &str,
        find: impl Fn(&str) -> Option<T>,
    ) -> anyhow::Result<T> {
        let found = timeout(limit, async {
            while let Some(line) = self.lines.recv().await {
                if let Some(found) = find(&line) {
                    return Some(found);
                }
            }
            None
        });
        match found.await {
            Ok(Some(found)) => Ok(found),
            Ok(None) => bail!("{} ended before {what}:\n{}", self.name, self.last_lines()),
            Err(_) => bail!(
                "{} took too long for {what}:\n{}",
                self.name,
                self.last_lines()
            ),
        }
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    pub async fn terminate(mut self, limit: Duration) -> anyhow::Result<ExitStatus> {
        let pid = self.pid().context("the process has already ended")?;
        kill_process(pid, Signal::TERM).with_context(|| format!("stopping {}", self.name))?;
        match timeout(limit, self.child.wait()).await {
            Ok(status) => status.with_context(|| format!("waiting for {}", self.name)),
            Err(_) => bail!(
                "{} did not end when asked:\n{}",
                self.name,
                self.last_lines()
            ),
        }
    }

    /// Ends it as a power failure would (SIGKILL).
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.child
            .kill()
            .await
            .with_context(|| format!("killing {}", self.name))
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Its process id while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    fn pid(&self) -> Option<Pid> {
        let id = i32::try_from(self.child.id()?).ok()?;
        Pid::from_raw(id)
    }

    fn last_lines(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(SHOWN)..].join("\n")
    }
}

async fn open(log: &Path) -> anyhow::Result<File> {
    File::options()
        .create(true)
        .append(true)
        .open(log)
        .await
        .with_context(|| format!("opening {}", log.display()))
}

/// Every line goes to the file and, while somebody waits for one, to the channel.
async fn copy(output: impl AsyncRead + Unpin, mut log: File, lines: mpsc::UnboundedSender<String>) {
    let mut reader = BufReader::new(output).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        let text = format!("{line}\n");
        if log.write_all(text.as_bytes()).await.is_err() || log.flush().await.is_err() {
            return;
        }
        // Nobody waits any more: the file still has it.
        drop(lines.send(line));
    }
}
