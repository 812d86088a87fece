//! `Versioned`: an object of the Beacon API with the name of its fork.

use serde::{Deserialize, Serialize};

/// What the Beacon API wraps its objects in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versioned<T> {
    /// The name of the fork, in lower case. It only says which fields to expect; what is believed of an object
    /// follows from its slot.
    pub version: String,
    /// The object.
    pub data: T,
}
