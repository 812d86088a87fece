//! A fleet of scripted workers, and work for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use valence_coprocessor_fleet::{Fleet, FleetConfig};
use valence_coprocessor_zkvm::{
    CancellationToken, Delivered, Limits, NewsReceiver, NewsSender, Priority, ProofKind,
    Provers as _, Undelivered, Work, WorkerHealth, WorkerName,
};
use valence_coprocessor_zkvm_mock::{ScriptedWorker, ScriptedZkvm};

const PATIENCE: Duration = Duration::from_mins(1);

/// Work that was handed to a fleet.
pub(crate) struct Handed {
    pub(crate) news: NewsReceiver,
    pub(crate) cancel: CancellationToken,
    pub(crate) end: JoinHandle<Result<Delivered, Undelivered>>,
}

impl Handed {
    /// How it ended.
    pub(crate) async fn end(self) -> Result<Delivered, Undelivered> {
        let end = tokio::time::timeout(PATIENCE, self.end).await;
        end.expect("it ends").expect("nothing panics")
    }

    /// Who did it.
    pub(crate) async fn done_by(self) -> String {
        self.end().await.expect("it is done").worker.to_string()
    }

    /// Waits until it waits for a worker, for this reason.
    pub(crate) async fn waits(&self, reason: &str) {
        let mut news = self.news.clone();
        let said =
            news.wait_for(|news| news.worker.is_none() && news.progress.text.contains(reason));
        let said = tokio::time::timeout(PATIENCE, said).await;
        assert!(said.is_ok_and(|said| said.is_ok()), "it does not wait");
    }
}

/// Pauses as tests need them.
pub(crate) fn config() -> FleetConfig {
    FleetConfig {
        check_interval: Duration::from_millis(20),
        first_back_off: Duration::from_millis(5),
        longest_back_off: Duration::from_millis(40),
        margin: Duration::ZERO,
        stop_timeout: Duration::from_millis(100),
        news_interval: Duration::from_millis(5),
        ..FleetConfig::default()
    }
}

pub(crate) fn honest(name: &str) -> Arc<ScriptedWorker> {
    Arc::new(ScriptedWorker::new(name, ScriptedZkvm::echo()))
}

pub(crate) fn gated(name: &str) -> Arc<ScriptedWorker> {
    Arc::new(ScriptedWorker::new(name, ScriptedZkvm::echo()).with_closed_gate())
}

/// A fleet of public workers that have all said that they are well.
pub(crate) async fn fleet(config: FleetConfig, workers: &[&Arc<ScriptedWorker>]) -> Arc<Fleet> {
    let public = workers.iter().map(|worker| worker.as_port()).collect();
    let fleet = Arc::new(Fleet::start(config, public, None));
    until(|| {
        fleet
            .workers()
            .iter()
            .all(|worker| worker.health == WorkerHealth::Ready)
    })
    .await;
    fleet
}

/// A fleet whose callers bring along one of `owned`.
pub(crate) async fn fleet_with_owned(
    public: &[&Arc<ScriptedWorker>],
    owned: &[&Arc<ScriptedWorker>],
) -> Arc<Fleet> {
    let owned: Vec<_> = owned.iter().map(|worker| worker.as_port()).collect();
    let public = public.iter().map(|worker| worker.as_port()).collect();
    let connect = move |name: &WorkerName| {
        let found = owned.iter().find(|worker| worker.name() == name);
        Ok(Arc::clone(found.expect("only these are named")))
    };
    Arc::new(Fleet::start(config(), public, Some(Arc::new(connect))))
}

/// Waits for a condition.
pub(crate) async fn until(condition: impl Fn() -> bool) {
    let poll = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        while !condition() {
            ticks.tick().await;
        }
    };
    let reached = tokio::time::timeout(PATIENCE, poll).await;
    reached.expect("the condition is reached");
}

pub(crate) async fn until_health(fleet: &Fleet, name: &str, ready: bool) {
    until(|| {
        fleet
            .workers()
            .iter()
            .any(|worker| worker.name.0 == name && (worker.health == WorkerHealth::Ready) == ready)
    })
    .await;
}

/// A proof of something called `tag`.
pub(crate) fn work(tag: &str) -> Work {
    Work {
        elf: Arc::from(b"\x7fELF".as_slice()),
        input: Arc::from(tag.as_bytes()),
        kind: ProofKind::Core,
        limits: Limits {
            cycles: 1_000,
            duration: Duration::from_hours(1),
        },
        priority: Priority::Normal,
        own: Vec::new(),
        avoid: Vec::new(),
    }
}

pub(crate) fn names(names: &[&str]) -> Vec<WorkerName> {
    let name = |name: &&str| WorkerName((*name).to_owned());
    names.iter().map(name).collect()
}

pub(crate) fn hand(fleet: &Arc<Fleet>, work: Work) -> Handed {
    let (sender, news) = NewsSender::channel();
    let cancel = CancellationToken::new();
    let (fleet, token) = (Arc::clone(fleet), cancel.clone());
    let end = tokio::spawn(async move { fleet.run(work, sender, token).await });
    Handed { news, cancel, end }
}

/// What a worker was given, in order.
pub(crate) fn given(worker: &ScriptedWorker) -> Vec<String> {
    let tag = |work: &Work| String::from_utf8_lossy(&work.input).into_owned();
    worker.given().iter().map(tag).collect()
}
