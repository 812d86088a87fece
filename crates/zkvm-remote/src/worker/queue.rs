//! The queue: what runs, what waits, and in which order.

use core::cmp::Reverse;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::watch;
use valence_coprocessor_zkvm::Priority;

/// Where work stands: the highest priority runs first, then the oldest.
type Place = (Reverse<Priority>, u64);

/// A bounded queue before so many slots.
#[derive(Clone, Debug)]
pub(super) struct Queue(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    slots: usize,
    queue: usize,
    bytes: u64,
    state: Mutex<State>,
    changes: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    waiting: BTreeSet<Place>,
    running: usize,
    bytes: u64,
    next: u64,
}

/// The queue takes no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum QueueFull {
    /// Too much work.
    #[error("the worker's queue is full: {running} run and {waiting} wait")]
    Places {
        /// What runs.
        running: usize,
        /// What waits.
        waiting: usize,
    },
    /// Too large work.
    #[error("the worker's queue is full: programs and inputs take {bytes} bytes")]
    Bytes {
        /// What they take.
        bytes: u64,
    },
}

impl Queue {
    /// A queue for so much work of so many bytes; there is at least one slot.
    pub(super) fn new(slots: usize, queue: usize, bytes: u64) -> Self {
        Self(Arc::new(Shared {
            slots: slots.max(1),
            queue,
            bytes,
            state: Mutex::default(),
            changes: watch::Sender::new(()),
        }))
    }

    /// Takes a place for work of so many bytes.
    pub(super) fn enter(&self, priority: Priority, bytes: u64) -> Result<Waiting, QueueFull> {
        let mut state = self.state();
        let (running, waiting) = (state.running, state.waiting.len());
        if running + waiting >= self.0.slots.saturating_add(self.0.queue) {
            return Err(QueueFull::Places { running, waiting });
        }
        let all = state.bytes.saturating_add(bytes);
        // Work that is alone may be as large as it likes: other limits are there for that.
        if all > self.0.bytes && state.bytes > 0 {
            return Err(QueueFull::Bytes { bytes: state.bytes });
        }
        state.bytes = all;
        let place = (Reverse(priority), state.next);
        state.next += 1;
        state.waiting.insert(place);
        drop(state);
        // Whoever is less urgent has one more before it now.
        self.changed();
        Ok(Waiting {
            changes: self.0.changes.subscribe(),
            ticket: Ticket {
                queue: self.clone(),
                place,
                bytes,
                running: false,
            },
        })
    }

    /// How much runs and how much waits.
    pub(super) fn load(&self) -> (usize, usize) {
        let state = self.state();
        (state.running, state.waiting.len())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.0.changes.send_replace(());
    }
}

/// Work in the queue; leaves it when dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    ticket: Ticket,
    changes: watch::Receiver<()>,
}

impl Waiting {
    /// Waits for a slot, and tells how many are before whenever that changes.
    pub(super) async fn turn(mut self, mut on_before: impl FnMut(u64)) -> Slot {
        let mut told = None;
        while let Err(before) = self.ticket.run() {
            if told != Some(before) {
                on_before(before);
                told = Some(before);
            }
            self.changes
                .changed()
                .await
                .expect("the ticket's queue has the sender");
        }
        Slot(self.ticket)
    }
}

/// Work that runs; frees its slot when dropped.
#[derive(Debug)]
pub(super) struct Slot(#[expect(dead_code, reason = "held for what its drop does")] Ticket);

/// What work takes of the queue.
#[derive(Debug)]
struct Ticket {
    queue: Queue,
    place: Place,
    bytes: u64,
    running: bool,
}

impl Ticket {
    /// Begins to run if there is a slot; otherwise says how many are before it.
    fn run(&mut self) -> Result<(), u64> {
        let mut state = self.queue.state();
        let before = state.waiting.range(..self.place).count();
        if before + state.running >= self.queue.0.slots {
            return Err(before as u64);
        }
        state.waiting.remove(&self.place);
        state.running += 1;
        self.running = true;
        drop(state);
        self.queue.changed();
        Ok(())
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut state = self.queue.state();
        if self.running {
            state.running -= 1;
        } else {
            state.waiting.remove(&self.place);
        }
        state.bytes -= self.bytes;
        drop(state);
        self.queue.changed();
    }
}

#[cfg(test)]
mod tests {
    use core::{future::Future, pin::Pin};

    use futures_util::FutureExt as _;
    use valence_coprocessor_zkvm::Priority;

    use super::{Queue, QueueFull, Slot};

    type Turn = (&'static str, Pin<Box<dyn Future<Output = Slot>>>);

    /// The first whose turn it is.
    fn ready(turns: &mut [Turn]) -> Option<(usize, Slot)> {
        turns
            .iter_mut()
            .enumerate()
            .find_map(|(index, (_, turn))| Some((index, turn.now_or_never()?)))
    }

    #[test]
    fn the_highest_priority_runs_first_then_the_oldest() {
        let queue = Queue::new(1, 10, 100);
        let running = queue
            .enter(Priority::Low, 1)
            .expect("empty")
            .turn(|_| ())
            .now_or_never()
            .expect("a slot is free");
        let enter = |priority| queue.enter(priority, 1).expect("not full");
        let (low, old, new, high) = (
            enter(Priority::Low),
            enter(Priority::Normal),
            enter(Priority::Normal),
            enter(Priority::High),
        );
        let mut waiting: Vec<Turn> = vec![
            ("low", Box::pin(low.turn(drop))),
            ("old", Box::pin(old.turn(drop))),
            ("new", Box::pin(new.turn(drop))),
            ("high", Box::pin(high.turn(drop))),
        ];
        let mut order = Vec::new();
        let mut slot = running;
        while !waiting.is_empty() {
            assert!(ready(&mut waiting).is_none(), "the slot is taken");
            drop(slot);
            let (index, next) = ready(&mut waiting).expect("the slot is free");
            order.push(waiting.swap_remove(index).0);
            slot = next;
        }
        assert_eq!(order, ["high", "old", "new", "low"]);
    }

    #[test]
    fn places_and_bytes_are_bounded_and_given_back() {
        let queue = Queue::new(1, 1, 10);
        let first = queue.enter(Priority::Normal, 8).expect("empty");
        let refused = queue.enter(Priority::High, 3).expect_err("too large");
        assert_eq!(refused, QueueFull::Bytes { bytes: 8 });
        let second = queue.enter(Priority::Normal, 2).expect("fits");
        let refused = queue.enter(Priority::High, 0).expect_err("too many");
        assert_eq!(
            refused,
            QueueFull::Places {
                running: 0,
                waiting: 2
            }
        );
        drop(first);
        drop(second);
        assert_eq!(queue.load(), (0, 0));
        let alone = queue.enter(Priority::Normal, 99).expect("alone");
        let mut told = Vec::new();
        let slot = alone.turn(|before| told.push(before)).now_or_never();
        assert_eq!(queue.load(), (1, 0));
        drop(slot);
        assert_eq!(queue.load(), (0, 0));
        assert!(told.is_empty());
    }
}
