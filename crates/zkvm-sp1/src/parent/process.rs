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
    runtime::Handle,
    time::timeout,
};
use tokio_util::{
    bytes::Bytes,
    codec::{Framed, LengthDelimitedCodec},
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use valence_coprocessor_zkvm::{
    MemorySize, Progress, ZkvmError,
    wire::{self, Answer, Command, MAXIMUM_FRAME, Reply, Request, RequestId, WIRE_VERSION},
};

use super::{ChildConfig, PROVER_NAME, cuda, memory, tuning};
use crate::{Backend, Mode, shared_memory};

/// How long a process that has closed its socket may take to exit.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How long a process may take to call off what it has begun elsewhere, and to end.
const CALL_OFF: Duration = Duration::from_secs(30);

/// A prover process that takes one request at a time. Dropping it ends it, with every process that it started: at once
/// if its work is done there; one that others work for is told by the end of its socket, and calls that off first.
#[derive(Debug)]
pub(crate) struct Process {
    /// There until it is dropped.
    child: Option<Child>,
    id: u32,
    /// Of a process that ends by itself.
    leaving: Option<TaskTrackerToken>,
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
        leaving: &TaskTracker,
    ) -> Result<Self, ZkvmError> {
        mode.check_build()?;
        if let (Mode::Cuda, Backend::Cuda(cuda)) = (mode, &config.backend) {
            cuda::check(cuda, &config.environment).await?;
        }
        let limit = match mode {
            Mode::Light | Mode::Network => config.light_start,
            Mode::Cpu | Mode::Cuda => config.cpu_start,
        };
        let mut process = Self::spawn(config, directory, mode, leaving)
            .map_err(|error| cannot_start(config, &error))?;
        tracing::debug!(process = process.id, %mode, "started a prover process");
        let greeting = async {
            if let Some(settings) = settings(config, mode)? {
                process.send(settings).await?;
            }
            process.receive().await
        };
        match timeout(limit, greeting)
            .await
            .map_err(|_| ZkvmError::Timeout { limit })??
        {
            Reply::Hello { version } if version == WIRE_VERSION => Ok(process),
            Reply::Hello { version } => Err(failed(&format!(
                "it speaks version {version}, expected {WIRE_VERSION}: another build?"
            ))),
            Reply::Unable { error } => Err(error),
            _ => Err(failed("it spoke before its greeting")),
        }
    }

    fn spawn(
        config: &ChildConfig,
        directory: &Path,
        mode: Mode,
        leaving: &TaskTracker,
    ) -> io::Result<Self> {
        let ends_by_itself = mode == Mode::Network;
        let (ours, theirs) = StdUnixStream::pair()?;
        ours.set_nonblocking(true)?;
        let mut program = Program::new(&config.program);
        program
            .arg0(PROVER_NAME)
            .args(["child", "--mode", mode.name()])
            .env_clear()
            .envs(tuning::of(mode, memory::total()).iter().copied())
            .envs(config.environment.iter().map(|(name, value)| (name, value)))
            .env("TMPDIR", directory)
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            // SP1 and gnark print: to the log with it.
            .stdout(Stdio::from(io::stderr().as_fd().try_clone_to_owned()?))
            .process_group(0)
            .kill_on_drop(!ends_by_itself);
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
            child: Some(child),
            id,
            leaving: ends_by_itself.then(|| leaving.token()),
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
        self.send(frame).await?;
        loop {
            match self.receive().await? {
                Reply::Progress { id: of, progress } if of == id => on_progress(progress),
                Reply::Done { id: of, answer } if of == id => return Ok(answer),
                _ => return Err(failed("it answered what was not asked")),
            }
        }
    }

    async fn send(&mut self, frame: Vec<u8>) -> Result<(), ZkvmError> {
        match self.frames.send(Bytes::from(frame)).await {
            Ok(()) => Ok(()),
            Err(_) => Err(self.death().await),
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
        let ended = timeout(LAST_WORDS, self.status()).await;
        self.kill();
        let status = match ended {
            Ok(status) => status,
            Err(_) => self.status().await,
        };
        let reason = match status {
            Ok(status) => describe(status, self.kills, memory::kills()),
            Err(error) => format!("its exit status is unknown: {error}"),
        };
        tracing::warn!(process = self.id, reason, "a prover process ended");
        ZkvmError::ProverDied { reason }
    }

    async fn status(&mut self) -> io::Result<ExitStatus> {
        match &mut self.child {
            Some(child) => child.wait().await,
            None => Err(io::Error::other("it is somebody else's to wait for")),
        }
    }

    /// Whether the process still runs. What is left of one that does not is removed.
    pub(crate) fn is_alive(&mut self) -> bool {
        let child = self.child.as_mut();
        let alive = child.is_some_and(|child| matches!(child.try_wait(), Ok(None)));
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
        kill_group(self.id);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let Some(token) = self.leaving.take().filter(|_| !self.ended) else {
            // Before the child is dropped, which kills it: what a dead process had mapped is not to be found any more.
            return self.kill();
        };
        let Some(child) = self.child.take() else {
            return self.kill();
        };
        // The socket closes after this. Without a runtime nobody waits, and the process ends all the same.
        if let Ok(runtime) = Handle::try_current() {
            runtime.spawn(leave(child, self.id, token));
        }
    }
}

/// Waits for a process that ends by itself, but not for ever.
async fn leave(mut child: Child, id: u32, _token: TaskTrackerToken) {
    if timeout(CALL_OFF, child.wait()).await.is_err() {
        kill_group(id);
        let _ = child.wait().await;
    }
}

fn kill_group(leader: u32) {
    let segments = shared_memory::of_process(leader);
    if let Some(group) = i32::try_from(leader).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    shared_memory::remove(&segments);
}

/// What a process must be told before it can start, which is not for everybody's eyes as its arguments are.
fn settings(config: &ChildConfig, mode: Mode) -> Result<Option<Vec<u8>>, ZkvmError> {
    let settings = match (mode, &config.backend) {
        (Mode::Cuda, Backend::Cuda(cuda)) => wire::encode(cuda),
        (Mode::Network, Backend::Network(network)) => wire::encode(network),
        _ => return Ok(None),
    };
    settings.map(Some).map_err(|error| failed(&error))
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
