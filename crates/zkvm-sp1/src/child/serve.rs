//! The life of a prover process: one request after the other until the parent is gone.

use std::{
    any::Any,
    io::{self, Read, Write},
    os::{fd::AsFd as _, unix::net::UnixStream},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock, mpsc},
    thread,
};

use rustix::process::{Signal, getpgrp, getpid, kill_current_process_group};
use tokio::runtime::Runtime;
use valence_coprocessor_zkvm::{
    Progress, Stage, ZkvmError,
    wire::{self, Answer, Command, MAXIMUM_FRAME, MalformedFrame, Reply, Request, WIRE_VERSION},
};

use super::{
    Mode,
    light::Light,
    provers::{self, Prover},
};
use crate::shared_memory;

/// Why a prover process could not do its work at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// The standard input is no socket of a parent.
    #[error(
        "standard input is not the socket of a parent process; the command is not meant to be run by hand"
    )]
    Socket(#[source] io::Error),
    /// What the process needs to know did not arrive.
    #[error("the parent did not say how to prove")]
    Settings(#[source] io::Error),
    /// An answer could not be sent.
    #[error("cannot write to the parent")]
    Write(#[source] io::Error),
    /// An answer could not be encoded.
    #[error("cannot encode an answer")]
    Encode(#[source] MalformedFrame),
}

enum Worker {
    Light(Light),
    Proofs(Box<dyn Prover>),
}

/// Serves the parent on the socket that is this process's standard input.
///
/// Ends the process, and every process that it started, as soon as that socket closes, whatever it is doing: an
/// execution that spins must not outlive the service.
pub fn serve(mode: Mode) -> Result<(), ChildError> {
    let mut socket = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map(UnixStream::from)
        .map_err(ChildError::Socket)?;
    socket.peer_addr().map_err(ChildError::Socket)?;
    let settings = match mode {
        Mode::Light | Mode::Cpu => Vec::new(),
        Mode::Cuda | Mode::Network => read_frame(&mut socket).map_err(ChildError::Settings)?,
    };
    let worker = Arc::new(OnceLock::new());
    let requests = read_requests(
        socket.try_clone().map_err(ChildError::Socket)?,
        Arc::clone(&worker),
    );
    let started = catch_unwind(|| Worker::start(mode, &settings))
        .unwrap_or_else(|panic| Err(failed(panic_text(panic.as_ref()))));
    let worker = match started {
        Ok(started) => worker.get_or_init(|| started),
        Err(error) => return write(&socket, &Reply::Unable { error }),
    };
    write(
        &socket,
        &Reply::Hello {
            version: WIRE_VERSION,
        },
    )?;
    for Request { id, command } in requests {
        let report = |stage: Stage| {
            let progress = Progress {
                stage,
                text: stage.to_string(),
            };
            // A parent that is gone is noticed by the reader.
            let _ = write(&socket, &Reply::Progress { id, progress });
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| worker.answer(&command, report)));
        let is_spoilt = mode != Mode::Light
            && matches!(outcome, Err(_) | Ok(Err(ZkvmError::ProverDied { .. })));
        let answer = outcome.unwrap_or_else(|panic| Err(failed(panic_text(panic.as_ref()))));
        write(&socket, &Reply::Done { id, answer })?;
        if is_spoilt {
            // The prover's tasks may be in any state now; the parent starts a new one on demand.
            worker.call_off();
            end();
        }
    }
    Ok(())
}

impl Worker {
    fn start(mode: Mode, settings: &[u8]) -> Result<Self, ZkvmError> {
        let malformed = |error: MalformedFrame| failed(error.to_string());
        let prover = match mode {
            Mode::Light => {
                let runtime = Runtime::new().map_err(|error| failed(error.to_string()))?;
                return Ok(Self::Light(Light::start(runtime)));
            }
            Mode::Cpu => provers::cpu(),
            Mode::Cuda => provers::cuda(&wire::decode(settings).map_err(malformed)?)?,
            Mode::Network => provers::network(&wire::decode(settings).map_err(malformed)?)?,
        };
        Ok(Self::Proofs(prover))
    }

    fn call_off(&self) {
        if let Self::Proofs(prover) = self {
            prover.call_off();
        }
    }

    fn answer(&self, command: &Command, report: impl Fn(Stage)) -> Result<Answer, ZkvmError> {
        match (self, command) {
            (Self::Light(light), Command::VerifyingKey { elf }) => {
                light.verifying_key(elf).map(Answer::VerifyingKey)
            }
            (Self::Light(light), Command::Execute { elf, input, cycles }) => {
                light.execute(elf, input, *cycles).map(Answer::Execution)
            }
            (Self::Light(light), Command::Verify { key, proof }) => {
                light.verify(key, proof).map(|()| Answer::Verified)
            }
            (Self::Proofs(prover), Command::Prove(work)) => {
                prover.prove(work, &report).map(Answer::Proof)
            }
            _ => Err(failed(
                "a request for a prover process of another mode".to_owned(),
            )),
        }
    }
}

/// Reads requests on a thread of its own, so that the end of the parent is noticed during work too.
fn read_requests(mut socket: UnixStream, worker: Arc<OnceLock<Worker>>) -> mpsc::Receiver<Request> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        while let Ok(request) = read(&mut socket) {
            if sender.send(request).is_err() {
                break;
            }
        }
        if let Some(worker) = worker.get() {
            worker.call_off();
        }
        end();
    });
    receiver
}

fn read(socket: &mut UnixStream) -> io::Result<Request> {
    wire::decode(&read_frame(socket)?).map_err(io::Error::other)
}

fn read_frame(socket: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    socket.read_exact(&mut length)?;
    let length = usize::try_from(u32::from_be_bytes(length)).map_err(io::Error::other)?;
    if length > MAXIMUM_FRAME {
        return Err(io::Error::other("frame too long"));
    }
    let mut frame = vec![0; length];
    socket.read_exact(&mut frame)?;
    Ok(frame)
}

fn write(mut socket: &UnixStream, reply: &Reply) -> Result<(), ChildError> {
    let frame = wire::encode(reply).map_err(ChildError::Encode)?;
    let length =
        u32::try_from(frame.len()).map_err(|error| ChildError::Write(io::Error::other(error)))?;
    socket
        .write_all(&length.to_be_bytes())
        .map_err(ChildError::Write)?;
    socket.write_all(&frame).map_err(ChildError::Write)
}

fn failed(reason: String) -> ZkvmError {
    ZkvmError::Failed { reason }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("SP1 panicked: {}", text.unwrap_or("no message"))
}

/// Ends this process with the executors that it started, and frees the shared memory that they leave behind.
#[expect(
    clippy::exit,
    reason = "the reader's thread must end the process while the main thread is deep inside SP1"
)]
fn end() -> ! {
    shared_memory::remove(&shared_memory::of_process(std::process::id()));
    if getpgrp() == getpid() {
        let _ = kill_current_process_group(Signal::KILL);
    }
    std::process::exit(0)
}
