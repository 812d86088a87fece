//! `OperatorRecord`: the file in the domain's storage from which any operator goes on.

use serde::{Deserialize, Serialize};
use valence_coprocessor_ethereum_beacon::{Client, ClientRecord};
use valence_coprocessor_ethereum_light_client::ChainConfig;
use valence_coprocessor_protocol::HeadState;

/// Where the file lies in the domain's storage.
pub const RECORD_PATH: &str = "/operator/light-client.json";

/// The clients before and after the last step that was begun. It is written before the append, so one of the two is
/// the domain's head, whenever the writer died. Neither is believed: a client counts only if its state is the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorRecord {
    /// The client at the head from which the step starts.
    pub before: ClientRecord,
    /// The client at the head to which it leads.
    pub after: ClientRecord,
}

impl OperatorRecord {
    /// Records a step from one client to another.
    pub fn of(before: &Client, after: &Client) -> Self {
        Self {
            before: ClientRecord::of(before),
            after: ClientRecord::of(after),
        }
    }

    /// The client whose state is `head`, if one of the two is that.
    pub fn find(self, config: ChainConfig, head: HeadState) -> Option<Client> {
        [self.after, self.before]
            .into_iter()
            .filter_map(|record| record.restore(config).ok())
            .find(|client| client.store().state() == head)
    }
}
