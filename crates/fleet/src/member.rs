//! `Member`: a worker with everything the fleet knows of it.

use std::sync::Arc;

use tokio::time::Instant;
use valence_coprocessor_zkvm::{
    Capacity, ProofKind, Worker, WorkerHealth, WorkerName, WorkerState, WorkerStatus,
};

use crate::FleetConfig;
use crate::config::about;

/// Failures in a row after which nobody waits for a worker's return if another can do the work.
const GIVEN_UP: u32 = 6;

/// How a worker is, as far as its own answers tell.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    /// It was not asked yet.
    Unknown,
    /// It answered.
    Ready,
    /// It takes no more work now, or does not answer; it is asked again when it is due.
    SetAside { reason: String },
}

/// A worker with everything the fleet knows of it.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) worker: Arc<dyn Worker>,
    pub(crate) public: bool,
    condition: Condition,
    /// Failures since it last finished work.
    failures: u32,
    failed_at: Option<Instant>,
    /// It gave a wrong result: until then only what nobody else can do is given to it.
    distrusted_until: Option<Instant>,
    proofs: u64,
    executions: u64,
    /// Work of other services that ran there when it was last asked.
    others: u64,
    queued: u64,
    capacity: Capacity,
    /// When it is asked again how it is.
    pub(crate) due: Instant,
    /// Whether it is being asked.
    pub(crate) asked: bool,
    /// Rises with every assignment in the fleet.
    last_assignment: u64,
    /// When it was last given or rid of work.
    pub(crate) idle_since: Instant,
}

impl Member {
    pub(crate) fn new(worker: Arc<dyn Worker>, public: bool, now: Instant) -> Self {
        Self {
            worker,
            public,
            condition: Condition::Unknown,
            failures: 0,
            failed_at: None,
            distrusted_until: None,
            proofs: 0,
            executions: 0,
            others: 0,
            queued: 0,
            capacity: Capacity::default(),
            due: now,
            asked: false,
            last_assignment: 0,
            idle_since: now,
        }
    }

    pub(crate) fn name(&self) -> &WorkerName {
        self.worker.name()
    }

    pub(crate) fn running(&self) -> u64 {
        self.proofs + self.executions
    }

    pub(crate) fn is_unknown(&self) -> bool {
        self.condition == Condition::Unknown
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.condition == Condition::Ready
    }

    pub(crate) fn is_distrusted(&self, now: Instant) -> bool {
        self.distrusted_until.is_some_and(|until| now < until)
    }

    /// Whether it takes work, or took some not long ago.
    pub(crate) fn may_return(&self) -> bool {
        self.failures < GIVEN_UP || self.is_ready()
    }

    pub(crate) fn has_room(&self, kind: ProofKind) -> bool {
        self.is_ready() && *self.count(kind) < self.capacity.of(kind)
    }

    /// What it has to do for its capacity, in thousandths, and when it last got something: the smallest comes first.
    pub(crate) fn load(&self, kind: ProofKind) -> (u64, u64) {
        let work = self.running().saturating_add(self.others);
        let work = work.saturating_add(self.queued);
        let load = work.saturating_mul(1_000) / self.capacity.of(kind).max(1);
        (load, self.last_assignment)
    }

    const fn count(&self, kind: ProofKind) -> &u64 {
        match kind {
            ProofKind::Execute => &self.executions,
            _ => &self.proofs,
        }
    }

    const fn count_mut(&mut self, kind: ProofKind) -> &mut u64 {
        match kind {
            ProofKind::Execute => &mut self.executions,
            _ => &mut self.proofs,
        }
    }

    pub(crate) fn begin(&mut self, kind: ProofKind, assignment: u64, now: Instant) {
        *self.count_mut(kind) += 1;
        self.last_assignment = assignment;
        self.idle_since = now;
    }

    pub(crate) fn end(&mut self, kind: ProofKind, now: Instant) {
        let count = self.count_mut(kind);
        *count = count.saturating_sub(1);
        self.idle_since = now;
    }

    /// It finished work, well or not.
    pub(crate) fn proved_itself(&mut self) {
        self.failures = 0;
        self.failed_at = None;
    }

    /// It said how it is. That it talks does not yet mean that it works: its failures are forgotten when it finishes
    /// something, or when the last one is long ago.
    pub(crate) fn answered(&mut self, status: &WorkerStatus, config: &FleetConfig, now: Instant) {
        if self
            .failed_at
            .is_some_and(|at| now > at + config.longest_back_off)
        {
            self.proved_itself();
        }
        self.condition = Condition::Ready;
        self.others = status.running.saturating_sub(self.running());
        self.queued = status.queued;
        self.capacity = status.capacity;
        self.due = now + about(config.check_interval);
    }

    /// It could not be reached, or broke off. True if it was not set aside before.
    pub(crate) fn was_lost(&mut self, reason: String, config: &FleetConfig, now: Instant) -> bool {
        let fresh = !matches!(self.condition, Condition::SetAside { .. });
        // All that it had breaks off together: that is one failure.
        if fresh || self.due <= now {
            self.failures = self.failures.saturating_add(1);
            self.failed_at = Some(now);
            self.due = now + about(config.back_off(self.failures));
        }
        self.condition = Condition::SetAside { reason };
        fresh
    }

    /// It takes no more work for a while; that is no failure.
    pub(crate) fn was_busy(&mut self, reason: String, config: &FleetConfig, now: Instant) {
        if self.is_ready() {
            self.condition = Condition::SetAside { reason };
            self.due = now + about(config.first_back_off);
        }
    }

    pub(crate) fn was_wrong(&mut self, config: &FleetConfig, now: Instant) {
        self.distrusted_until = Some(now + config.distrust);
    }

    pub(crate) fn state(&self, now: Instant) -> WorkerState {
        WorkerState {
            name: self.name().clone(),
            public: self.public,
            health: self.health(now),
            running: self.running(),
            queued: self.queued,
            capacity: self.capacity,
        }
    }

    fn health(&self, now: Instant) -> WorkerHealth {
        let seconds = |until: Instant| until.saturating_duration_since(now).as_secs();
        if let Some(until) = self.distrusted_until.filter(|until| now < *until) {
            return WorkerHealth::SetAside {
                reason: "it gave a wrong result".to_owned(),
                seconds: seconds(until),
            };
        }
        match &self.condition {
            Condition::Unknown => WorkerHealth::Unknown,
            Condition::Ready => WorkerHealth::Ready,
            Condition::SetAside { reason } => WorkerHealth::SetAside {
                reason: reason.clone(),
                seconds: seconds(self.due),
            },
        }
    }
}
