//! The gRPC service.

use core::time::Duration;
use std::sync::Arc;

use tokio::{
    sync::{Semaphore, mpsc},
    time::timeout,
};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::{Request, Response, Status, Streaming};
use tracing::Instrument as _;
use valence_coprocessor_telemetry::{HEADER, TraceContext, follow};
use valence_coprocessor_zkvm::{Limits, ProofKind, ProveRequest, Zkvm, ZkvmError};

use super::{
    ProgramCache, WorkerConfig,
    job::{Job, bounded},
    queue::Queue,
};
use crate::{
    ProgramHash,
    protocol::{
        Event, HasProgramRequest, HasProgramResponse, ProgramChunk, RunRequest, SentKindStatus,
        SentMissing, StatusRequest, StatusResponse, UploadProgramResponse, kind_of, kind_sent,
        made_event, priority_of, prover_server::Prover,
    },
};

/// Events that may wait for a service to read them.
const EVENTS: usize = 16;

/// What answers requests.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) zkvm: Arc<dyn Zkvm>,
    pub(super) programs: ProgramCache,
    pub(super) config: WorkerConfig,
    pub(super) queue: Queue,
    pub(super) uploads: Semaphore,
    pub(super) jobs: TaskTracker,
    pub(super) closing: CancellationToken,
    pub(super) ending: CancellationToken,
}

#[tonic::async_trait]
impl Prover for Service {
    type RunStream = ReceiverStream<Result<Event, Status>>;

    async fn status(
        &self,
        _request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let (running, queued) = self.queue.load();
        let kinds = ProofKind::ALL.into_iter().map(|kind| SentKindStatus {
            kind: kind_sent(kind).into(),
            missing: match self.config.missing(kind) {
                Some(ZkvmError::Unavailable { what, hint }) => Some(SentMissing { what, hint }),
                _ => None,
            },
        });
        Ok(Response::new(StatusResponse {
            capacity: self.config.slots as u64,
            running: running as u64,
            queued: queued as u64,
            queue: self.config.queue as u64,
            backend: self.config.backend.clone(),
            version: self.config.version.clone(),
            kinds: kinds.collect(),
        }))
    }

    async fn has_program(
        &self,
        request: Request<HasProgramRequest>,
    ) -> Result<Response<HasProgramResponse>, Status> {
        let hash = program_hash(&request.get_ref().hash)?;
        let has = self.programs.contains(&hash);
        Ok(Response::new(HasProgramResponse { has }))
    }

    async fn upload_program(
        &self,
        request: Request<Streaming<ProgramChunk>>,
    ) -> Result<Response<UploadProgramResponse>, Status> {
        let _turn = self
            .uploads
            .acquire()
            .await
            .map_err(|_| Status::unavailable("the worker ends"))?;
        let elf = timeout(self.config.upload(), self.receive(request.into_inner()))
            .await
            .map_err(|_| Status::deadline_exceeded("the upload is too slow"))??;
        let hash = self.programs.keep(elf).await.map_err(|error| {
            tracing::error!(%error, "a program cannot be kept");
            Status::unavailable("the worker cannot keep programs")
        })?;
        Ok(Response::new(UploadProgramResponse {
            hash: hash.as_bytes().to_vec(),
        }))
    }

    async fn run(&self, request: Request<RunRequest>) -> Result<Response<Self::RunStream>, Status> {
        if self.closing.is_cancelled() {
            return Err(Status::unavailable("the worker ends"));
        }
        let trace = trace_of(&request);
        let request = request.into_inner();
        let hash = program_hash(&request.program)?;
        let kind = kind_of(request.kind)
            .ok_or_else(|| Status::invalid_argument("the kind of work is not known here"))?;
        let (events, stream) = mpsc::channel(EVENTS);
        if let Some(missing) = self.config.missing(kind) {
            // The channel is new and empty.
            let _ = events.try_send(Ok(made_event(Err(missing))));
            return Ok(Response::new(ReceiverStream::new(stream)));
        }
        let elf = self
            .programs
            .load(hash)
            .await
            .ok_or_else(|| Status::not_found("the program is not here: upload it"))?;
        let asked = Limits {
            cycles: request.cycles,
            duration: Duration::from_millis(request.milliseconds),
        };
        let bytes = (elf.len() + request.input.len()) as u64;
        let waiting = self
            .queue
            .enter(priority_of(request.priority), bytes)
            .map_err(|full| self.full(&full.to_string()))?;
        let job = Job {
            zkvm: Arc::clone(&self.zkvm),
            request: ProveRequest {
                elf,
                input: request.input.into(),
                kind,
                limits: bounded(asked, self.config.limits),
            },
            start: self.config.start,
            heartbeat: self.config.heartbeat,
            events,
            closing: self.closing.clone(),
            ending: self.ending.clone(),
        };
        let span = tracing::info_span!("work", %kind, trace = trace.trace_id());
        follow(&span, &trace);
        self.jobs.spawn(job.run(waiting).instrument(span));
        Ok(Response::new(ReceiverStream::new(stream)))
    }
}

impl Service {
    async fn receive(&self, mut chunks: Streaming<ProgramChunk>) -> Result<Vec<u8>, Status> {
        let limit = self.config.program_bytes;
        let mut elf = Vec::new();
        loop {
            let chunk = timeout(self.config.connections.chunk, chunks.message())
                .await
                .map_err(|_| Status::deadline_exceeded("the upload is too slow"))??;
            let Some(chunk) = chunk else {
                return Ok(elf);
            };
            if elf.len() + chunk.bytes.len() > limit {
                let reason = format!("programs have at most {limit} bytes here");
                return Err(Status::invalid_argument(reason));
            }
            elf.extend_from_slice(&chunk.bytes);
        }
    }

    fn full(&self, reason: &str) -> Status {
        let mut status = Status::resource_exhausted(reason);
        let seconds = self.config.retry_after.as_secs().max(1);
        status
            .metadata_mut()
            .insert(crate::protocol::RETRY_AFTER, seconds.into());
        status
    }
}

/// The trace that the service works for, or a new one.
fn trace_of<Message>(request: &Request<Message>) -> TraceContext {
    let given = request.metadata().get(HEADER);
    given
        .and_then(|context| context.to_str().ok()?.parse().ok())
        .unwrap_or_else(TraceContext::random)
}

fn program_hash(sent: &[u8]) -> Result<ProgramHash, Status> {
    ProgramHash::from_sent(sent)
        .ok_or_else(|| Status::invalid_argument("the hash of a program has 32 bytes"))
}
