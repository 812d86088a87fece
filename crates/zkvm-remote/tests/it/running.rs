//! A worker that runs, and services that use it.

use std::{
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use tokio::{task::JoinHandle, time::timeout};
use valence_coprocessor_zkvm::{
    CancellationToken, Limits, Made, Priority, ProgressReceiver, ProgressSender, ProofKind, Work,
    Zkvm,
};
use valence_coprocessor_zkvm_remote::{
    Listener, ProgramCache, RemoteConfig, RemoteError, RemoteWorker, Secret, ServeError, Worker,
    WorkerConfig,
};

/// Long enough for a machine that is busy with something else.
const GENEROUS: Duration = Duration::from_mins(1);

/// Waits for something that should happen soon.
pub(crate) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(GENEROUS, what)
        .await
        .expect("it should happen soon")
}

/// Waits until something holds.
pub(crate) async fn until<Held: Future<Output = bool>>(mut holds: impl FnMut() -> Held) {
    soon(async {
        while !holds().await {
            tokio::task::yield_now().await;
        }
    })
    .await;
}

pub(crate) fn secret(letter: &str) -> Secret {
    Secret::new(&letter.repeat(64)).expect("long enough")
}

/// A worker that runs in this process.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    secured: bool,
    pub(crate) stop: CancellationToken,
    serving: JoinHandle<Result<(), ServeError>>,
}

impl Running {
    /// A worker without TLS over `zkvm`.
    pub(crate) async fn open(zkvm: Arc<dyn Zkvm>, config: WorkerConfig) -> Self {
        Self::start(zkvm, config, None).await
    }

    pub(crate) async fn start(
        zkvm: Arc<dyn Zkvm>,
        config: WorkerConfig,
        secret: Option<Secret>,
    ) -> Self {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = Listener::bind(address, secret).await.expect("a port");
        let (address, secured) = (listener.address(), listener.is_secured());
        let stop = CancellationToken::new();
        let worker = Worker::new(zkvm, ProgramCache::in_memory(1 << 30), config);
        let serving = tokio::spawn(worker.serve(listener, stop.clone()));
        Self {
            address,
            secured,
            stop,
            serving,
        }
    }

    /// A service of it.
    pub(crate) fn service(&self) -> RemoteWorker {
        let secret = self.secured.then(|| secret("s"));
        service(self.address, secret, RemoteConfig::default())
    }

    /// Waits until it has ended.
    pub(crate) async fn ended(self) {
        soon(self.serving)
            .await
            .expect("it does not panic")
            .expect("it ends well");
    }
}

/// A service of the worker at an address.
pub(crate) fn service(
    address: SocketAddr,
    secret: Option<Secret>,
    config: RemoteConfig,
) -> RemoteWorker {
    let scheme = if secret.is_some() { "https" } else { "http" };
    let address = format!("{scheme}://{address}").parse().expect("an address");
    RemoteWorker::new(address, secret, config).expect("an address on this machine")
}

/// A run of the program `a`.
pub(crate) fn execution(input: &[u8]) -> Work {
    work(b"a", input, ProofKind::Execute)
}

/// A proof of the program `a`.
pub(crate) fn proof(input: &[u8]) -> Work {
    work(b"a", input, ProofKind::Compressed)
}

pub(crate) fn work(program: &[u8], input: &[u8], kind: ProofKind) -> Work {
    Work {
        elf: [b"\x7fELF".as_slice(), program].concat().into(),
        input: input.into(),
        kind,
        limits: Limits {
            cycles: 1 << 40,
            duration: GENEROUS,
        },
        priority: Priority::Normal,
        own: Vec::new(),
        avoid: Vec::new(),
    }
}

/// Has work done, and waits for it.
pub(crate) async fn run(service: &RemoteWorker, work: &Work) -> Result<Made, RemoteError> {
    let (progress, _) = ProgressSender::channel();
    soon(service.run(work, &progress, &CancellationToken::new())).await
}

/// Work that goes on.
pub(crate) struct Started {
    pub(crate) made: JoinHandle<Result<Made, RemoteError>>,
    pub(crate) news: ProgressReceiver,
    pub(crate) cancel: CancellationToken,
}

impl Started {
    pub(crate) fn new(service: &Arc<RemoteWorker>, work: Work) -> Self {
        let (progress, news) = ProgressSender::channel();
        let cancel = CancellationToken::new();
        let (service, token) = (Arc::clone(service), cancel.clone());
        let made = tokio::spawn(async move { service.run(&work, &progress, &token).await });
        Self { made, news, cancel }
    }

    /// Waits for progress whose text is this.
    pub(crate) async fn says(&mut self, text: &str) {
        soon(self.news.wait_for(|news| news.text == text))
            .await
            .expect("the work goes on");
    }

    pub(crate) async fn made(self) -> Result<Made, RemoteError> {
        soon(self.made).await.expect("it does not panic")
    }
}

/// Waits until so much runs and so much waits at the worker.
pub(crate) async fn until_load(service: &RemoteWorker, running: u64, queued: u64) {
    until(|| async {
        let status = service.status().await.expect("the worker answers");
        (status.running, status.queued) == (running, queued)
    })
    .await;
}

/// The public values of what was made.
pub(crate) fn public_values(made: Result<Made, RemoteError>) -> Vec<u8> {
    match made.expect("it succeeds") {
        Made::Execution(execution) => execution.public_values,
        Made::Proof(proof) => proof.public_values,
    }
}
