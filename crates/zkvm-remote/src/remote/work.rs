//! Work at a worker: the program is sent if it is not there, then the work's events are followed.

use core::time::Duration;
use std::sync::Arc;

use futures_util::stream;
use tokio::{task::spawn_blocking, time::timeout};
use tonic::{Code, Request, Status, Streaming};
use valence_coprocessor_telemetry::{HEADER, current};
use valence_coprocessor_zkvm::{
    CancellationToken, Made, ProgressSender, ProofKind, Work, ZkvmError,
};

use super::{RemoteError, RemoteWorker, remote_worker::Connection};
use crate::{
    ProgramHash,
    protocol::{
        CHUNK, ENVELOPE, Event, HasProgramRequest, News, ProgramChunk, RETRY_AFTER, RunRequest,
        kind_sent, milliseconds, news_of, priority_sent, shown,
    },
};

/// A program that goes missing so often right after it was sent finds no room there.
const TRIES: usize = 3;

/// The longest pause that a worker may ask for.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);

/// When to come again where the worker does not say.
const PAUSE: Duration = Duration::from_secs(5);

/// The longest reason of a worker that is shown.
const LONGEST_REASON: usize = 400;

impl RemoteWorker {
    /// Has the worker do the work. What it answers is not verified. Dropping the future, or `cancel`, cancels the work.
    pub async fn run(
        &self,
        work: &Work,
        progress: &ProgressSender,
        cancel: &CancellationToken,
    ) -> Result<Made, RemoteError> {
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(RemoteError::Work(ZkvmError::Cancelled)),
            made = self.work(work, progress) => made,
        }
    }

    async fn work(&self, work: &Work, progress: &ProgressSender) -> Result<Made, RemoteError> {
        let hash = self.hash(&work.elf).await?;
        // Mostly the worker is still there, and has the program. If the connection has died since it was used last, that
        // says nothing about the worker.
        let kept = self.kept().clone();
        if let Some(connection) = kept {
            match self.start(&connection, hash, work).await {
                Ok(Some(events)) => {
                    return self.follow(&connection, events, work.kind, progress).await;
                }
                Ok(None) | Err(RemoteError::Lost { .. }) => {}
                Err(refused) => return Err(refused),
            }
        }
        for _ in 0..TRIES {
            let connection = self.provide(hash, &work.elf).await?;
            if let Some(events) = self.start(&connection, hash, work).await? {
                return self.follow(&connection, events, work.kind, progress).await;
            }
        }
        Err(RemoteError::lost("it does not keep the program"))
    }

    /// The hash of a program; that of the last one is remembered.
    async fn hash(&self, elf: &Arc<[u8]>) -> Result<ProgramHash, RemoteError> {
        let last = self.last_program().clone();
        if let Some((_, hash)) = last.filter(|(last, _)| Arc::ptr_eq(last, elf)) {
            return Ok(hash);
        }
        let hashed = Arc::clone(elf);
        let hash = spawn_blocking(move || ProgramHash::of(&hashed))
            .await
            .map_err(|error| RemoteError::lost(error.to_string()))?;
        *self.last_program() = Some((Arc::clone(elf), hash));
        Ok(hash)
    }

    /// Sends the program if the worker has it not. Whoever else needs it waits for that.
    async fn provide(&self, hash: ProgramHash, elf: &Arc<[u8]>) -> Result<Connection, RemoteError> {
        let (has, connection) = self.has_program(hash).await?;
        if has {
            return Ok(connection);
        }
        let _turn = self.uploading.lock().await;
        let (has, connection) = self.has_program(hash).await?;
        if !has {
            self.upload(&connection, hash, elf).await?;
        }
        Ok(connection)
    }

    async fn has_program(&self, hash: ProgramHash) -> Result<(bool, Connection), RemoteError> {
        let hash = hash.as_bytes().to_vec();
        let (answer, connection) = self
            .ask(|mut client| {
                let request = HasProgramRequest { hash: hash.clone() };
                async move { client.has_program(request).await }
            })
            .await?;
        Ok((answer.has, connection))
    }

    async fn upload(
        &self,
        connection: &Connection,
        hash: ProgramHash,
        elf: &Arc<[u8]>,
    ) -> Result<(), RemoteError> {
        let parts = elf.len().div_ceil(CHUNK);
        let chunks = stream::iter((0..parts).map({
            let elf = Arc::clone(elf);
            move |part| {
                let end = elf.len().min((part + 1) * CHUNK);
                ProgramChunk {
                    bytes: elf[part * CHUNK..end].to_vec(),
                }
            }
        }));
        let mut client = connection.client();
        let sent = client.upload_program(chunks);
        let answer = timeout(self.dial.config.transfer(elf.len()), sent)
            .await
            .map_err(|_| self.hangs(connection))?;
        match answer {
            Ok(answer) if answer.get_ref().hash == hash.as_bytes() => Ok(()),
            Ok(_) => Err(RemoteError::lost("it names the program by another hash")),
            Err(status) if status.code() == Code::InvalidArgument => Err(unsuitable(
                &format!("a program of {} bytes", elf.len()),
                &status,
            )),
            Err(status) => Err(self.failed(connection, &status)),
        }
    }

    /// The events of the work; `None` if the program went missing since.
    async fn start(
        &self,
        connection: &Connection,
        hash: ProgramHash,
        work: &Work,
    ) -> Result<Option<Streaming<Event>>, RemoteError> {
        let request = of_trace(RunRequest {
            program: hash.as_bytes().to_vec(),
            input: work.input.to_vec(),
            kind: kind_sent(work.kind).into(),
            cycles: work.limits.cycles,
            milliseconds: milliseconds(work.limits.duration),
            priority: priority_sent(work.priority).into(),
        });
        let largest = self.dial.config.largest(work.kind).saturating_add(ENVELOPE);
        let mut client = connection.client_for(largest);
        let limit = self.dial.config.transfer(work.input.len());
        let answer = timeout(limit, client.run(request))
            .await
            .map_err(|_| self.hangs(connection))?;
        match answer {
            Ok(answer) => Ok(Some(answer.into_inner())),
            Err(status) => match status.code() {
                Code::NotFound => Ok(None),
                Code::ResourceExhausted => Err(refused(&status)),
                Code::OutOfRange => {
                    let what = format!("an input of {} bytes", work.input.len());
                    Err(unsuitable(&what, &status))
                }
                Code::InvalidArgument => Err(unsuitable("this work", &status)),
                _ => Err(self.failed(connection, &status)),
            },
        }
    }

    async fn follow(
        &self,
        connection: &Connection,
        mut events: Streaming<Event>,
        kind: ProofKind,
        progress: &ProgressSender,
    ) -> Result<Made, RemoteError> {
        loop {
            let next = timeout(self.dial.config.silence, events.message())
                .await
                .map_err(|_| self.hangs(connection))?;
            let event = match next {
                Ok(Some(event)) => event,
                Ok(None) => return Err(RemoteError::lost("it ended without a result")),
                Err(status) if status.code() == Code::OutOfRange => {
                    let limit = self.dial.config.largest(kind);
                    return Err(RemoteError::Work(ZkvmError::Failed {
                        reason: format!("the worker's result is larger than {limit} bytes"),
                    }));
                }
                Err(status) => return Err(self.failed(connection, &status)),
            };
            match news_of(event) {
                Some(News::Progress(news)) => progress.send(news),
                Some(News::Heartbeat) => {}
                Some(News::Ended(made)) => return ended(made, kind),
                None => return Err(RemoteError::lost("it says what this version does not know")),
            }
        }
    }
}

/// A request that names the trace that the caller works for, if it does.
fn of_trace<Message>(message: Message) -> Request<Message> {
    let mut request = Request::new(message);
    let context = current().and_then(|context| context.to_string().parse().ok());
    if let Some(context) = context {
        request.metadata_mut().insert(HEADER, context);
    }
    request
}

/// What the end of work means to the caller.
fn ended(made: Result<Made, ZkvmError>, asked: ProofKind) -> Result<Made, RemoteError> {
    match made {
        Ok(made) => {
            let got = match &made {
                Made::Execution(_) => ProofKind::Execute,
                Made::Proof(proof) => proof.kind,
            };
            if got == asked {
                Ok(made)
            } else {
                let reason = format!("it made {got} where {asked} was asked for");
                Err(RemoteError::lost(reason))
            }
        }
        // The end of the worker, not of the work.
        Err(ZkvmError::ShutDown) => Err(RemoteError::lost("it was shut down")),
        Err(error) => Err(RemoteError::Work(error)),
    }
}

fn refused(status: &Status) -> RemoteError {
    let seconds = status
        .metadata()
        .get(RETRY_AFTER)
        .and_then(|seconds| seconds.to_str().ok()?.parse().ok());
    RemoteError::Refused {
        reason: shown(status.message(), LONGEST_REASON),
        retry_after: seconds
            .map_or(PAUSE, Duration::from_secs)
            .min(LONGEST_PAUSE),
    }
}

fn unsuitable(what: &str, status: &Status) -> RemoteError {
    RemoteError::Work(ZkvmError::Unavailable {
        what: format!("{what} at this worker"),
        hint: shown(status.message(), LONGEST_REASON),
    })
}
