//! The ways in which a node can fail to give its answer.

use serde::{Deserialize, Serialize};

/// What happens to an answer on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransportFault {
    /// Status 404, as if the node had never had it.
    Withheld,
    /// Status 500 this many times; then the fault is over.
    ServerError {
        /// How often.
        times: u32,
    },
    /// Status 503 at every other request, this many times; then the fault is over.
    Flapping {
        /// How often.
        times: u32,
    },
    /// The connection stays open and no answer comes.
    Hanging,
    /// Every request gets the answer that the first one after switching on got.
    Stale,
    /// JSON of this many bytes, sent without a length.
    Oversized {
        /// How many.
        bytes: u64,
    },
    /// The first half of the answer, with status and headers of a good one.
    WrongJson,
}
