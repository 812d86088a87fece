//! `Shared`: the roster behind its lock, and what must happen with each change of it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use valence_coprocessor_zkvm::{
    ProofKind, Worker, WorkerError, WorkerName, WorkerState, WorkerStatus,
};

use crate::FleetConfig;
use crate::assignment::Assignment;
use crate::member::Member;
use crate::place::Place;
use crate::roster::{Prospect, Roster, Ticket, Wish};

/// What a metric calls every worker that is a caller's: its address is theirs, and they may have many.
const OWNED: &str = "owned";

/// The roster behind its lock. The lock is held for a few steps only, and never while something is awaited or dropped.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: FleetConfig,
    roster: Mutex<Roster>,
    /// Told when a worker came or is due earlier than it was.
    pub(crate) changed: Notify,
    pub(crate) closed: CancellationToken,
}

impl Shared {
    pub(crate) fn new(config: FleetConfig, public: Vec<Arc<dyn Worker>>) -> Self {
        let now = Instant::now();
        let mut roster = Roster::default();
        for worker in public {
            let name = worker.name().clone();
            roster.members.insert(name, Member::new(worker, true, now));
        }
        Self {
            config,
            roster: Mutex::new(roster),
            changed: Notify::new(),
            closed: CancellationToken::new(),
        }
    }

    fn roster(&self) -> MutexGuard<'_, Roster> {
        self.roster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives work that waits to workers that are free.
    fn match_up(self: &Arc<Self>) {
        let (matches, waiting) = {
            let mut roster = self.roster();
            (roster.take_matches(Instant::now()), roster.waiting())
        };
        gauge("valence_fleet_queue", waiting);
        for found in matches {
            let Some(worker) = self.worker(&found.worker) else {
                continue;
            };
            self.show(&found.worker);
            let assignment = Assignment::new(Arc::clone(self), worker, found.kind);
            // Who waited may be gone: then the assignment is dropped here, which frees the worker.
            drop(found.answer.send(assignment));
        }
    }

    fn worker(&self, name: &WorkerName) -> Option<Arc<dyn Worker>> {
        let roster = self.roster();
        roster
            .members
            .get(name)
            .map(|member| Arc::clone(&member.worker))
    }

    /// Adds workers of callers that are not known yet.
    pub(crate) fn add_owned(
        self: &Arc<Self>,
        names: &[WorkerName],
        connect: impl Fn(&WorkerName) -> Result<Arc<dyn Worker>, WorkerError>,
    ) {
        for name in names {
            if self.worker(name).is_some() || self.owned() >= self.config.owned {
                continue;
            }
            match connect(name) {
                Ok(worker) => {
                    let member = Member::new(worker, false, Instant::now());
                    self.roster().members.entry(name.clone()).or_insert(member);
                    self.changed.notify_one();
                }
                Err(error) => {
                    tracing::info!(target: "valence_coprocessor", %error, "a caller's worker cannot be used");
                }
            }
        }
    }

    fn owned(&self) -> usize {
        let roster = self.roster();
        let members = roster.members.values();
        members.filter(|member| !member.public).count()
    }

    pub(crate) fn ticket(&self, priority: valence_coprocessor_zkvm::Priority) -> Ticket {
        self.roster().ticket(priority)
    }

    /// Puts work into the queue; none if that is full.
    pub(crate) fn enqueue(
        self: &Arc<Self>,
        ticket: Ticket,
        wish: Wish,
    ) -> Option<(Place, oneshot::Receiver<Assignment>)> {
        let (answer, receiver) = oneshot::channel();
        {
            let mut roster = self.roster();
            if roster.waiting() >= self.config.queue {
                return None;
            }
            roster.enqueue(ticket, wish, answer);
        }
        let place = Place::new(Arc::clone(self), ticket);
        self.match_up();
        Some((place, receiver))
    }

    pub(crate) fn leave(&self, ticket: Ticket) {
        let waiting = {
            let mut roster = self.roster();
            roster.leave(ticket);
            roster.waiting()
        };
        gauge("valence_fleet_queue", waiting);
    }

    pub(crate) fn prospect(&self, ticket: Ticket, wish: &Wish) -> Prospect {
        self.roster().prospect(ticket, wish)
    }

    /// Changes what is known of a worker, and gives it work if that makes it free.
    fn change(self: &Arc<Self>, name: &WorkerName, change: impl FnOnce(&mut Member, Instant)) {
        let now = Instant::now();
        if let Some(member) = self.roster().members.get_mut(name) {
            change(member, now);
        }
        self.show(name);
        self.match_up();
    }

    pub(crate) fn end(self: &Arc<Self>, name: &WorkerName, kind: ProofKind) {
        self.change(name, |member, now| member.end(kind, now));
    }

    pub(crate) fn proved_itself(self: &Arc<Self>, name: &WorkerName) {
        self.change(name, |member, _| member.proved_itself());
    }

    pub(crate) fn answered(self: &Arc<Self>, name: &WorkerName, status: &WorkerStatus) {
        self.change(name, |member, now| {
            member.asked = false;
            if !member.is_ready() && !member.is_unknown() {
                tracing::info!(target: "valence_coprocessor", worker = %name, "worker is back");
            }
            member.answered(status, &self.config, now);
        });
    }

    pub(crate) fn did_not_answer(self: &Arc<Self>, name: &WorkerName, reason: String) {
        self.change(name, |member, now| {
            member.asked = false;
            self.set_aside(member, reason, now);
        });
    }

    pub(crate) fn was_lost(self: &Arc<Self>, name: &WorkerName, reason: String) {
        metrics::counter!("valence_fleet_retries_total", "reason" => "lost").increment(1);
        self.change(name, |member, now| self.set_aside(member, reason, now));
        self.changed.notify_one();
    }

    fn set_aside(&self, member: &mut Member, reason: String, now: Instant) {
        let name = member.name().clone();
        let text = reason.clone();
        if member.was_lost(reason, &self.config, now) {
            tracing::warn!(target: "valence_coprocessor", worker = %name, reason = text, "worker set aside");
        }
    }

    pub(crate) fn was_busy(self: &Arc<Self>, name: &WorkerName, reason: String) {
        metrics::counter!("valence_fleet_retries_total", "reason" => "busy").increment(1);
        self.change(name, |member, now| {
            member.was_busy(reason, &self.config, now);
        });
        self.changed.notify_one();
    }

    pub(crate) fn was_wrong(self: &Arc<Self>, name: &WorkerName) {
        tracing::error!(target: "valence_coprocessor", worker = %name, "worker gave a wrong result and is set aside");
        let label = self.label(name);
        metrics::counter!("valence_worker_wrong_total", "worker" => label).increment(1);
        self.change(name, |member, now| member.was_wrong(&self.config, now));
    }

    /// The workers to ask now, marked as being asked, and when the next is due. Lets go of callers' workers that had
    /// nothing to do for long.
    pub(crate) fn take_due(&self, now: Instant) -> (Vec<Arc<dyn Worker>>, Instant) {
        let mut roster = self.roster();
        let unused = |member: &Member| {
            !member.public
                && !member.asked
                && member.running() == 0
                && now >= member.idle_since + self.config.keep_owned
        };
        let unused: Vec<WorkerName> = roster
            .members
            .values()
            .filter(|member| unused(member) && !roster.is_wanted(member.name()))
            .map(|member| member.name().clone())
            .collect();
        let gone: Vec<_> = unused
            .iter()
            .map(|name| roster.members.remove(name))
            .collect();
        let mut due = Vec::new();
        let mut next = now + self.config.check_interval;
        for member in roster.members.values_mut().filter(|member| !member.asked) {
            if member.due <= now {
                member.asked = true;
                due.push(Arc::clone(&member.worker));
            } else {
                next = next.min(member.due);
            }
        }
        drop(roster);
        drop(gone);
        (due, next)
    }

    /// Nobody is being asked any more: whoever asked has died.
    pub(crate) fn forget_questions(&self) {
        for member in self.roster().members.values_mut() {
            member.asked = false;
        }
    }

    pub(crate) fn states(&self) -> Vec<WorkerState> {
        let now = Instant::now();
        let roster = self.roster();
        roster
            .members
            .values()
            .map(|member| member.state(now))
            .collect()
    }

    pub(crate) fn workers(&self) -> Vec<Arc<dyn Worker>> {
        let roster = self.roster();
        let workers = roster.members.values();
        workers.map(|member| Arc::clone(&member.worker)).collect()
    }

    fn label(&self, name: &WorkerName) -> String {
        match self.roster().members.get(name) {
            Some(member) if member.public => name.to_string(),
            _ => OWNED.to_owned(),
        }
    }

    fn show(&self, name: &WorkerName) {
        let now = Instant::now();
        let (ready, running) = match self.roster().members.get(name) {
            Some(member) if member.public => (
                usize::from(member.is_ready() && !member.is_distrusted(now)),
                member.running(),
            ),
            _ => return,
        };
        let labels = [("worker", name.to_string())];
        metrics::gauge!("valence_worker_ready", &labels).set(if ready == 1 { 1.0 } else { 0.0 });
        let running = u32::try_from(running).unwrap_or(u32::MAX);
        metrics::gauge!("valence_worker_running", &labels).set(f64::from(running));
    }
}

fn gauge(name: &'static str, value: usize) {
    metrics::gauge!(name).set(f64::from(u32::try_from(value).unwrap_or(u32::MAX)));
}
