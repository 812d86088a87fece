//! `StepBuilder`: collects the updates of one step and writes the circuit's input.

use valence_coprocessor_ethereum_light_client::{Checkpoint, StepInput, StepOutput, verify_step};

use crate::{BeaconError, Client, PreparedUpdate, Update};

/// A step that is being built. Each update is verified when it is added.
#[derive(Clone, Debug)]
pub struct StepBuilder {
    previous: Checkpoint,
    client: Client,
    updates: Vec<PreparedUpdate>,
}

/// A step that is ready to be proven.
#[derive(Clone, Debug)]
pub struct Step {
    /// What the circuit reads.
    pub input: Vec<u8>,
    /// What it will publish.
    pub output: StepOutput,
    /// The client after the step. It replaces the one before once the step's proof is accepted.
    pub client: Client,
}

impl StepBuilder {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            previous: *client.store().checkpoint(),
            client,
            updates: Vec::new(),
        }
    }

    /// The client as the updates so far leave it.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// Verifies an update and adds it. `current_slot` is that of the host's clock. If it is refused, the step is as
    /// it was.
    pub fn push(&mut self, update: &Update, current_slot: u64) -> Result<(), BeaconError> {
        let mut prepared = self.client.prepare(update)?;
        let verified = self.client.verify(&prepared, current_slot)?;
        prepared.advise(self.client.store().config())?;
        self.client.apply(verified, update)?;
        self.updates.push(prepared);
        Ok(())
    }

    /// Writes the input, and computes what the circuit will publish.
    pub fn finish(self) -> Result<Step, BeaconError> {
        let input = StepInput {
            config: *self.client.store().config(),
            previous: self.previous,
            updates: self.updates.iter().map(PreparedUpdate::borrow).collect(),
        };
        let output = verify_step(&input).map_err(BeaconError::Step)?;
        Ok(Step {
            input: input.encode(),
            output,
            client: self.client,
        })
    }
}
