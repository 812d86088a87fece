//! A worker that runs in this process, over any zkVM: one that lies, one that takes no time.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::Context as _;
use tokio_util::task::AbortOnDropHandle;
use valence_coprocessor_zkvm::{CancellationToken, ProofKind, Zkvm};
use valence_coprocessor_zkvm_remote::{
    KindStatus, Listener, ProgramCache, Secret, Worker, WorkerConfig,
};

use crate::WORKER_SECRET;

/// Bytes of programs that it keeps.
const PROGRAMS: u64 = 1 << 30;

/// A worker that ends when this is dropped. Its connections and messages are those of any other worker.
#[derive(Debug)]
pub struct HostedWorker {
    address: SocketAddr,
    _serving: AbortOnDropHandle<()>,
}

impl HostedWorker {
    /// Serves a zkVM on a free port, so much work at once. It says that it can make every kind.
    pub async fn start(zkvm: Arc<dyn Zkvm>, slots: usize) -> anyhow::Result<Self> {
        let any_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let secret = Secret::new(WORKER_SECRET).context("the secret of tests")?;
        let listener = Listener::bind(any_port, Some(secret)).await?;
        let address = listener.address();
        let kinds = ProofKind::ALL.map(|kind| KindStatus {
            kind,
            missing: None,
        });
        let config = WorkerConfig {
            kinds: kinds.into(),
            slots,
            ..WorkerConfig::default()
        };
        let worker = Worker::new(zkvm, ProgramCache::in_memory(PROGRAMS), config);
        let serving = tokio::spawn(async move {
            // Whoever needs it notices that it is gone.
            drop(worker.serve(listener, CancellationToken::new()).await);
        });
        Ok(Self {
            address,
            _serving: AbortOnDropHandle::new(serving),
        })
    }

    /// `host:port`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }
}
