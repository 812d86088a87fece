//! Several engines on one store, each with a way to it that a test can block, and a runtime that a test can kill.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use valence_coprocessor::{ClusterTimes, Engine, EngineConfig, EngineError, Job, JobId, JobState};
use valence_coprocessor_protocol::CircuitId;
use valence_coprocessor_store::{
    Batch, KeyRange, MemoryStore, Order, Snapshot, Store, StoreError, Table, Value as StoredValue,
};
use valence_coprocessor_zkvm_mock::ScriptedZkvm;

use crate::world::{World, config, end_of};

/// Picks a commit.
type Matches = fn(&Batch) -> bool;

/// A store that several engines have open, and what they wrote to it.
#[derive(Debug, Default)]
pub(crate) struct Cluster {
    store: MemoryStore,
    written: Mutex<Written>,
}

#[derive(Debug, Default)]
struct Written {
    /// How often each job was written as ended.
    ends: HashMap<String, usize>,
    /// How often the outcome of each job was kept by its controller.
    deliveries: HashMap<String, usize>,
}

impl Cluster {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    /// A way to the store.
    pub(crate) fn door(self: &Arc<Self>) -> Arc<Door> {
        Arc::new(Door {
            cluster: Arc::clone(self),
            state: Mutex::default(),
            changed: Condvar::new(),
        })
    }

    /// An engine that lives as long as the test.
    pub(crate) async fn world(self: &Arc<Self>) -> World {
        World::over(self.door(), times(config()), crate::world::zkvm()).await
    }

    /// How often a job was written as ended.
    pub(crate) fn ends(&self, id: &JobId) -> usize {
        let written = self.written();
        written.ends.get(&id.to_string()).copied().unwrap_or(0)
    }

    /// How often the outcome of a job was kept by its controller.
    pub(crate) fn deliveries(&self, id: &JobId) -> usize {
        let written = self.written();
        written
            .deliveries
            .get(&id.to_string())
            .copied()
            .unwrap_or(0)
    }

    /// The files and bytes that are counted for a circuit.
    pub(crate) fn usage(&self, circuit: CircuitId) -> (u64, u64) {
        let key = [b"usage/".as_slice(), circuit.as_bytes()].concat();
        let snapshot = self.store.snapshot().expect("memory");
        let usage = snapshot.get(Table::Meta, &key).expect("memory");
        let usage = usage.expect("something was stored");
        let (numbers, _) = usage.as_chunks::<8>();
        (
            u64::from_be_bytes(numbers[0]),
            u64::from_be_bytes(numbers[1]),
        )
    }

    /// How many engines are remembered.
    pub(crate) fn beats(&self) -> usize {
        let snapshot = self.store.snapshot().expect("memory");
        let range = KeyRange::prefix(b"beat/");
        let beats = snapshot.scan(Table::JobIndex, &range, Order::Ascending, usize::MAX);
        beats.expect("memory").len()
    }

    /// All jobs that ended.
    pub(crate) fn ended(&self) -> usize {
        self.written().ends.len()
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, batch: &Batch) {
        let mut written = self.written();
        for write in batch.writes() {
            let value = write.value.as_deref().map(serde_json::from_slice::<Value>);
            let Some(Ok(value)) = value else { continue };
            if write.table == Table::Jobs && is_end(&value["state"]) {
                *written.ends.entry(text(&value["id"])).or_default() += 1;
            }
            if write.table == Table::Files {
                let id = text(&value["delivery"]["id"]);
                *written.deliveries.entry(id).or_default() += 1;
            }
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn is_end(state: &Value) -> bool {
    ["done", "failed", "cancelled"].contains(&state.as_str().unwrap_or_default())
}

/// Times that do not keep a test waiting. Who is taken for dead too early costs work, not correctness.
pub(crate) fn times(config: EngineConfig) -> EngineConfig {
    let cluster = ClusterTimes {
        beat: Duration::from_millis(20),
        dead_after: Duration::from_millis(400),
        poll: Duration::from_millis(10),
    };
    EngineConfig { cluster, ..config }
}

/// One engine's way to the store. While it is closed, commits wait: the engine is asleep as far as others can see.
#[derive(Debug)]
pub(crate) struct Door {
    cluster: Arc<Cluster>,
    state: Mutex<DoorState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct DoorState {
    is_closed: bool,
    /// The commit before which the door closes by itself.
    closes_before: Option<Matches>,
}

impl Door {
    /// Closes by itself before the first commit that `matches`.
    pub(crate) fn close_before(&self, matches: Matches) {
        self.state().closes_before = Some(matches);
    }

    pub(crate) fn close(&self) {
        self.state().is_closed = true;
    }

    pub(crate) fn open(&self) {
        self.state().is_closed = false;
        self.changed.notify_all();
    }

    fn state(&self) -> MutexGuard<'_, DoorState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for Door {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.cluster.store.snapshot()
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        let mut state = self.state();
        if state.closes_before.is_some_and(|matches| matches(&batch)) {
            state.closes_before = None;
            state.is_closed = true;
        }
        while state.is_closed {
            let woken = self.changed.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        let noted = batch.clone();
        self.cluster.store.commit(batch)?;
        self.cluster.note(&noted);
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        "a store that several engines have open".to_owned()
    }
}

/// Whether a batch writes a job in a state.
pub(crate) fn writes_job(batch: &Batch, state: JobState) -> bool {
    batch.writes().iter().any(|write| {
        let value = write.value.as_deref().map(serde_json::from_slice::<Value>);
        write.table == Table::Jobs
            && value.is_some_and(|value| value.is_ok_and(|job| job["state"] == state.as_str()))
    })
}

/// An engine on a machine of its own.
#[derive(Debug)]
pub(crate) struct Machine {
    /// Taken when the machine ends.
    runtime: Option<Runtime>,
    pub(crate) engine: Engine,
    pub(crate) zkvm: Arc<ScriptedZkvm>,
    pub(crate) door: Arc<Door>,
}

impl Machine {
    pub(crate) async fn start(cluster: &Arc<Cluster>, zkvm: ScriptedZkvm) -> Self {
        Self::with(cluster, times(config()), zkvm).await
    }

    pub(crate) async fn with(
        cluster: &Arc<Cluster>,
        config: EngineConfig,
        zkvm: ScriptedZkvm,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .expect("a runtime");
        let door = cluster.door();
        let over = World::over(Arc::clone(&door) as _, config, zkvm);
        let World { engine, zkvm, .. } = runtime.spawn(over).await.expect("it opens");
        Self {
            runtime: Some(runtime),
            engine,
            zkvm,
            door,
        }
    }

    /// Has the engine do something; what it starts runs on its own machine.
    pub(crate) async fn run<T: Send + 'static, F>(
        &self,
        work: impl FnOnce(Engine) -> F + Send + 'static,
    ) -> T
    where
        F: Future<Output = T> + Send,
    {
        let engine = self.engine.clone();
        let runtime = self.runtime.as_ref().expect("the machine lives");
        let done = runtime.spawn(async move { work(engine).await });
        done.await.expect("the machine lives")
    }

    pub(crate) async fn prove(
        &self,
        request: valence_coprocessor::ProofRequest,
    ) -> Result<Job, EngineError> {
        self.run(async move |engine| engine.prove(&crate::world::ANYBODY, request).await)
            .await
    }

    pub(crate) async fn end_of(&self, id: JobId) -> Job {
        self.run(async move |engine| end_of(&engine, &id).await)
            .await
    }

    /// Waits until a job is in a state or beyond: news may be overtaken by newer ones.
    pub(crate) async fn reaches(&self, id: JobId, state: JobState) {
        self.run(async move |engine| {
            let mut news = engine.watch(&id).expect("the job exists");
            let reached = news.wait_for(|job| job.state >= state).await;
            drop(reached.expect("the job gets there"));
        })
        .await;
    }
}

/// Ends the machine as a power cut does; commits that have begun may still come to their end.
impl Drop for Machine {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        // A commit that waits holds up nothing but the end of the test.
        self.door.open();
    }
}

/// A store of which every commit fails while a test says so.
#[derive(Debug)]
pub(crate) struct FailingDoor {
    store: MemoryStore,
    is_failing: AtomicBool,
    /// The commit that fails although others do not; only once.
    fails_once: Mutex<Option<Matches>>,
    /// Which of the next reads of what controllers store as raw bytes fail.
    unread: Mutex<VecDeque<bool>>,
    failures: watch::Sender<usize>,
}

impl Default for FailingDoor {
    fn default() -> Self {
        Self {
            store: MemoryStore::new(),
            is_failing: AtomicBool::new(false),
            fails_once: Mutex::default(),
            unread: Mutex::default(),
            failures: watch::Sender::new(0),
        }
    }
}

impl FailingDoor {
    pub(crate) fn fail(&self, is_failing: bool) {
        self.is_failing.store(is_failing, Ordering::SeqCst);
    }

    /// The first commit that `matches` fails.
    pub(crate) fn fail_once(&self, matches: Matches) {
        *self.once() = Some(matches);
    }

    /// The next reads of controllers' raw bytes fail, or not.
    pub(crate) fn fail_reads(&self, fail: impl IntoIterator<Item = bool>) {
        self.unread().extend(fail);
    }

    fn unread(&self) -> MutexGuard<'_, VecDeque<bool>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn once(&self) -> MutexGuard<'_, Option<Matches>> {
        self.fails_once
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn fails(&self, batch: &Batch) -> bool {
        let mut once = self.once();
        if once.is_some_and(|matches| matches(batch)) {
            *once = None;
            return true;
        }
        self.is_failing.load(Ordering::SeqCst)
    }

    pub(crate) async fn wait_for_failures(&self, count: usize) {
        let mut failures = self.failures.subscribe();
        let reached = failures.wait_for(|failures| *failures >= count).await;
        drop(reached.expect("the store lives"));
    }
}

impl Store for FailingDoor {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn get(&self, table: Table, key: &[u8]) -> Result<Option<StoredValue>, StoreError> {
        if table == Table::Raw && self.unread().pop_front() == Some(true) {
            return Err(StoreError::backend("read a key", "the test says so"));
        }
        self.store.get(table, key)
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        if self.fails(&batch) {
            self.failures.send_modify(|failures| *failures += 1);
            return Err(StoreError::backend("commit a batch", "the test says so"));
        }
        self.store.commit(batch)
    }

    fn describe(&self) -> String {
        "a store that fails for a while".to_owned()
    }
}

/// A shared store that makes every commit, and cannot say so while a test has it lag.
#[derive(Debug, Default)]
pub(crate) struct LaggingDoor {
    store: MemoryStore,
    lags: AtomicBool,
}

impl LaggingDoor {
    pub(crate) fn lag(&self, lags: bool) {
        self.lags.store(lags, Ordering::SeqCst);
    }
}

impl Store for LaggingDoor {
    fn snapshot(&self) -> Result<Box<dyn Snapshot + '_>, StoreError> {
        self.store.snapshot()
    }

    fn commit(&self, batch: Batch) -> Result<(), StoreError> {
        self.store.commit(batch)?;
        if self.lags.load(Ordering::SeqCst) {
            return Err(StoreError::unconfirmed("a replica is away"));
        }
        Ok(())
    }

    fn is_shared(&self) -> bool {
        true
    }

    fn describe(&self) -> String {
        "a store whose replica is away for a while".to_owned()
    }
}
