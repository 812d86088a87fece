//! `Place`: a place in the queue, which is given up when it is dropped.

use std::sync::Arc;

use crate::roster::Ticket;
use crate::shared::Shared;

/// A place in the queue, which is given up when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    shared: Arc<Shared>,
    ticket: Ticket,
}

impl Place {
    pub(crate) const fn new(shared: Arc<Shared>, ticket: Ticket) -> Self {
        Self { shared, ticket }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.leave(self.ticket);
    }
}
