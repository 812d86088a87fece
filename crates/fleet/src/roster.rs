//! `Roster`: the workers and what waits for them; which of them go together is decided here and nowhere else.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use tokio::sync::oneshot;
use tokio::time::Instant;
use valence_coprocessor_zkvm::{Priority, ProofKind, Work, WorkerName};

use crate::assignment::Assignment;
use crate::member::Member;

/// A place in the queue: by priority, then by arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket {
    priority: Reverse<Priority>,
    number: u64,
}

/// Work, as far as it decides who may do it.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    kind: ProofKind,
    own: Vec<WorkerName>,
    avoid: Vec<WorkerName>,
}

impl Wish {
    pub(crate) fn of(work: &Work) -> Self {
        Self {
            kind: work.kind,
            own: work.own.clone(),
            avoid: work.avoid.clone(),
        }
    }

    /// Whether it differs from others of its kind in nothing that decides who may do it.
    const fn is_plain(&self) -> bool {
        self.own.is_empty() && self.avoid.is_empty()
    }
}

/// Who waits for a worker.
#[derive(Debug)]
struct Waiting {
    wish: Wish,
    answer: oneshot::Sender<Assignment>,
}

/// Work that found its worker.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) worker: WorkerName,
    pub(crate) kind: ProofKind,
    pub(crate) answer: oneshot::Sender<Assignment>,
}

/// The workers that work may go to, counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prospect {
    /// All of them.
    pub(crate) workers: usize,
    /// Those that answer.
    pub(crate) ready: usize,
    /// Those that may take the work sooner or later: they answer, or were not asked yet.
    pub(crate) in_sight: usize,
    /// Work that comes before it.
    pub(crate) ahead: usize,
}

/// The workers and what waits for them.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    pub(crate) members: BTreeMap<WorkerName, Member>,
    queue: BTreeMap<Ticket, Waiting>,
    tickets: u64,
    assignments: u64,
}

impl Roster {
    pub(crate) const fn ticket(&mut self, priority: Priority) -> Ticket {
        self.tickets += 1;
        Ticket {
            priority: Reverse(priority),
            number: self.tickets,
        }
    }

    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    pub(crate) fn enqueue(
        &mut self,
        ticket: Ticket,
        wish: Wish,
        answer: oneshot::Sender<Assignment>,
    ) {
        self.queue.insert(ticket, Waiting { wish, answer });
    }

    pub(crate) fn leave(&mut self, ticket: Ticket) {
        self.queue.remove(&ticket);
    }

    /// Whether somebody waits for this very worker.
    pub(crate) fn is_wanted(&self, worker: &WorkerName) -> bool {
        let names = |waiting: &Waiting| waiting.wish.own.contains(worker);
        self.queue.values().any(names)
    }

    pub(crate) fn prospect(&self, ticket: Ticket, wish: &Wish) -> Prospect {
        let mut prospect = Prospect {
            workers: 0,
            ready: 0,
            in_sight: 0,
            ahead: self.queue.range(..ticket).count(),
        };
        for member in self.candidates(wish) {
            prospect.workers += 1;
            prospect.ready += usize::from(member.is_ready());
            prospect.in_sight += usize::from(member.is_ready() || member.is_unknown());
        }
        prospect
    }

    /// Takes from the queue what can be done now, in order, and reserves the workers for it.
    pub(crate) fn take_matches(&mut self, now: Instant) -> Vec<Match> {
        let mut found: Vec<(Ticket, WorkerName)> = Vec::new();
        // What finds nobody, nobody like it finds either: a long queue costs one look.
        let mut hopeless: Vec<ProofKind> = Vec::new();
        let tickets: Vec<Ticket> = self.queue.keys().copied().collect();
        for ticket in tickets {
            let wish = &self.queue[&ticket].wish;
            let (kind, plain) = (wish.kind, wish.is_plain());
            if plain && hopeless.contains(&kind) {
                continue;
            }
            match self.choose(wish, now) {
                Some(worker) => {
                    self.assignments += 1;
                    if let Some(member) = self.members.get_mut(&worker) {
                        member.begin(kind, self.assignments, now);
                    }
                    found.push((ticket, worker));
                }
                None if plain => hopeless.push(kind),
                None => {}
            }
        }
        let matches = found.into_iter().filter_map(|(ticket, worker)| {
            let Waiting { wish, answer } = self.queue.remove(&ticket)?;
            Some(Match {
                worker,
                kind: wish.kind,
                answer,
            })
        });
        matches.collect()
    }

    /// The workers that may do it. Callers' workers may be many: each wish looks at its own alone.
    fn candidates<'a>(&'a self, wish: &'a Wish) -> impl Iterator<Item = &'a Member> {
        let public = self.members.values().filter(|member| member.public);
        let own = wish.own.iter().filter_map(|name| self.members.get(name));
        public.chain(own.filter(|member| !member.public))
    }

    fn choose(&self, wish: &Wish, now: Instant) -> Option<WorkerName> {
        let is_own = |member: &Member| wish.own.contains(member.name());
        let shunned =
            |member: &Member| wish.avoid.contains(member.name()) || member.is_distrusted(now);
        // An own worker that was just added is asked first; it answers, or is set aside, within seconds.
        if self
            .candidates(wish)
            .any(|member| is_own(member) && member.is_unknown() && !shunned(member))
        {
            return None;
        }
        let free = |member: &&Member| member.has_room(wish.kind);
        let fine = self.candidates(wish).filter(|member| !shunned(member));
        let best = fine
            .filter(free)
            .min_by_key(|member| (!is_own(member), member.load(wish.kind)));
        if let Some(member) = best {
            return Some(member.name().clone());
        }
        if self
            .candidates(wish)
            .any(|member| !shunned(member) && member.may_return())
        {
            return None;
        }
        // There is nobody else. Whoever it is, the result is checked.
        let avoided = |member: &Member| wish.avoid.contains(member.name());
        self.candidates(wish)
            .filter(free)
            .min_by_key(|member| (avoided(member), !is_own(member), member.load(wish.kind)))
            .map(|member| member.name().clone())
    }
}
