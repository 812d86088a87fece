//! One prover process, from its start to its end.

use std::{
    fmt::Display,
    io,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{net::UnixStream as StdUnixStream, process::ExitStatusExt as _},
    },
    path::Path,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use futures_util::{SinkExt as _, StreamExt as _};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::{
    net::UnixStream,
    process::{Child, Command as Program},
    time::timeout,
};
use tokio_util::{
    bytes::Bytes,
    codec::{Framed, LengthDelimitedCodec},
};
use valence_coprocessor_zkvm::{
    MemorySize, Progress, ZkvmError,
    wire::{self, Answer, Command, MAXIMUM_FRAME, Reply, Request, RequestId, WIRE_VERSION},
};

use super::{ChildConfig, PROVER_NAME, memory, tuning};
use crate::{Mode, shared_memory};

/// How long a process that has closed its socket may take to exit.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A prover process that takes one request at a time. Dropping it kills it, with every process that it started.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    id: u32,
    frames: Framed<UnixStream, LengthDelimitedCodec>,
    next: u64,
    kills: Option<u64>,
    ended: bool,
}

impl Process {
    /// Starts a process and waits until it is ready.
    pub(crate) async fn start(
        config: &ChildConfig,
        directory: &Path,
        mode: Mode,
    ) -> Result<Self, ZkvmError> {
        let limit = match mode {
            Mode::Light => config.light_start,
            Mode::Cpu => config.cpu_start,
        };
        let mut process =
            Self::spawn(config, directory, mode).map_err(|error| cannot_start(config, &error))?;
        tracing::debug!(process = process.id, %mode, "started a prover process");
        match timeout(limit, process.receive())
            .await
            .map_err(|_| ZkvmError::Timeout { limit })??
        {
            Reply::Hello { version } if version == WIRE_VERSION => Ok(process),
            Reply::Hello { version } => Err(failed(&format!(
                "it speaks version {version}, expected {WIRE_VERSION}: another build?"
            ))),
            _ => Err(failed("it spoke before its greeting")),
        }
    }

    fn spawn(config: &ChildConfig, directory: &Path, mode: Mode) -> io::Result<Self> {
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut program = Program::new(&config.program);
        program
            .arg0(PROVER_NAME)
            .args(["child", "--mode", mode.name()])
            .env_clear()
            .envs(tuning::of(memory::total()).iter().copied())
            .envs(config.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", directory)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            // SP1 and gnark print: to the log with it.
            .stdout(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
            .process_group(0)
            .kill_on_drop(true);
        for (name, folder) in [
            ("SP1_GROTH16_CIRCUIT_PATH", &config.groth16_circuits),
            ("SP1_PLONK_CIRCUIT_PATH", &config.plonk_circuits),
        ] {
            if let Some(folder) = folder {
                program.env(name, folder);
            }
        }
        let kills = memory::kills();
        let child = program.spawn()?;
        let id = child
            .id()
            .ok_or_else(|| io::Error::other("it ended at once"))?;
        let frames = LengthDelimitedCodec::builder()
            .max_frame_length(MAXIMUM_FRAME)
            .new_framed(UnixStream::from_std(ours)?);
        Ok(Self {
            child,
            id,
            frames,
            next: 0,
            kills,
            ended: false,
        })
    }

    /// Sends a command and waits for its answer. The outer error means that the process is of no more use.
    pub(crate) async fn exchange(
        &mut self,
        command: Command,
        mut on_progress: impl FnMut(Progress),
    ) -> Result<Result<Answer, ZkvmError>, ZkvmError> {
        let id = RequestId(self.next);
        self.next += 1;
        let frame = wire::encode(&Request { id, command }).map_err(|error| failed(&error))?;
        if self.frames.send(Bytes::from(frame)).await.is_err() {
            return Err(self.death().await);
        }
        loop {
            match self.receive().await? {
                Reply::Progress { id: of, progress } if of == id => on_progress(progress),
                Reply::Done { id: of, answer } if of == id => return Ok(answer),
                _ => return Err(failed("it answered what was not asked")),
            }
        }
    }

    async fn receive(&mut self) -> Result<Reply, ZkvmError> {
        match self.frames.next().await {
            Some(Ok(frame)) => wire::decode(&frame).map_err(|error| failed(&error)),
            Some(Err(_)) | None => Err(self.death().await),
        }
    }

    /// Why the process closed its end. It may be about to exit, so it gets a moment to say how.
    async fn death(&mut self) -> ZkvmError {
        let ended = timeout(LAST_WORDS, self.child.wait()).await;
        self.kill();
        let status = match ended {
            Ok(status) => status,
            Err(_) => self.child.wait().await,
        };
        let reason = match status {
            Ok(status) => describe(status, self.kills, memory::kills()),
            Err(error) => format!("its exit status is unknown: {error}"),
        };
        tracing::warn!(process = self.id, reason, "a prover process ended");
        ZkvmError::ProverDied { reason }
    }

    /// Whether the process still runs. What is left of one that does not is removed.
    pub(crate) fn is_alive(&mut self) -> bool {
        let alive = matches!(self.child.try_wait(), Ok(None));
        if !alive {
            self.kill();
        }
        alive
    }

    /// The memory that it holds.
    pub(crate) fn resident(&self) -> MemorySize {
        memory::resident(self.id)
    }

    /// Kills the process group and frees the shared memory that SP1 leaves; once only, because the group's number may
    /// be somebody else's after that.
    fn kill(&mut self) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let segments = shared_memory::of_process(self.id);
        if let Some(group) = i32::try_from(self.id).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        shared_memory::remove(&segments);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn describe(status: ExitStatus, kills_before: Option<u64>, kills_after: Option<u64>) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(9)) if kills_after > kills_before => {
            "the kernel killed it for lack of memory".to_owned()
        }
        (None, Some(signal)) => format!("killed by signal {signal}"),
        (None, None) => "no exit code and no signal".to_owned(),
    }
}

fn cannot_start(config: &ChildConfig, error: &io::Error) -> ZkvmError {
    ZkvmError::Unavailable {
        what: format!("the prover process {}", config.program.display()),
        hint: format!("it could not be started: {error}"),
    }
}

fn failed(reason: &(impl Display + ?Sized)) -> ZkvmError {
    ZkvmError::Failed {
        reason: format!("the prover process is out of step: {reason}"),
    }
}
