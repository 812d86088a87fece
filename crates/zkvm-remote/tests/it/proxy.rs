//! A wire between a service and a worker that a test can count, freeze and cut.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::JoinHandle,
};
use tokio_util::task::AbortOnDropHandle;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Flows,
    Frozen,
    Cut,
}

/// The wire; gone when dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    state: watch::Sender<State>,
    connections: Arc<AtomicUsize>,
    to_worker: Arc<AtomicUsize>,
    _accepting: AbortOnDropHandle<()>,
}

impl Proxy {
    pub(crate) async fn before(worker: SocketAddr) -> Self {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a port");
        let address = socket.local_addr().expect("an address");
        let (state, states) = watch::channel(State::Flows);
        let (connections, to_worker) = (Arc::default(), Arc::default());
        let accepting = accept(
            socket,
            worker,
            states,
            Arc::clone(&connections),
            Arc::clone(&to_worker),
        );
        Self {
            address,
            state,
            connections,
            to_worker,
            _accepting: AbortOnDropHandle::new(tokio::spawn(accepting)),
        }
    }

    /// Passes on nothing any more, and closes nothing.
    pub(crate) fn freeze(&self) {
        self.state.send_replace(State::Frozen);
    }

    /// Closes what there is; new connections flow.
    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
        self.state.send_replace(State::Flows);
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// Bytes that went to the worker.
    pub(crate) fn to_worker(&self) -> usize {
        self.to_worker.load(Ordering::SeqCst)
    }
}

async fn accept(
    socket: TcpListener,
    worker: SocketAddr,
    states: watch::Receiver<State>,
    connections: Arc<AtomicUsize>,
    to_worker: Arc<AtomicUsize>,
) {
    let mut open: Vec<AbortOnDropHandle<()>> = Vec::new();
    let mut cuts = states.clone();
    loop {
        tokio::select! {
            // Every change but to `Frozen` is a cut that flows again.
            Ok(()) = cuts.changed() => {
                if *cuts.borrow_and_update() != State::Frozen {
                    open.clear();
                }
            }
            Ok((near, _)) = socket.accept() => {
                let far = TcpStream::connect(worker).await.expect("the worker listens");
                connections.fetch_add(1, Ordering::SeqCst);
                let (from_service, to_service) = near.into_split();
                let (from_worker, far) = far.into_split();
                let passed = Arc::clone(&to_worker);
                open.push(pass(from_service, far, states.clone(), passed));
                open.push(pass(from_worker, to_service, states.clone(), Arc::default()));
            }
        }
    }
}

fn pass(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut states: watch::Receiver<State>,
    passed: Arc<AtomicUsize>,
) -> AbortOnDropHandle<()> {
    let passing: JoinHandle<()> = tokio::spawn(async move {
        let mut buffer = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from.read(&mut buffer).await {
            // Whoever has the sender is gone at the end of the test only.
            let flows = states
                .wait_for(|state| *state != State::Frozen)
                .await
                .is_ok();
            if !flows || to.write_all(&buffer[..length]).await.is_err() {
                break;
            }
            passed.fetch_add(length, Ordering::SeqCst);
        }
    });
    AbortOnDropHandle::new(passing)
}
