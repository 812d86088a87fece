//! Inputs of the circuit `ethereum-step` with a byte changed in each field of the update: what the host says to them is
//! what the zkVM must say.

use valence_coprocessor_ethereum_light_client::StepError;

use crate::step_cases::{encoded, next_period};
use crate::{Field, Plan, fields};

/// A step of an update that was right before one byte was changed.
#[derive(Debug)]
pub struct CorruptedStep {
    /// The field, and which of its bytes.
    pub name: String,
    /// What the circuit reads.
    pub input: Vec<u8>,
    field: Field,
}

impl CorruptedStep {
    /// Whether a refusal is the one that the field calls for.
    pub fn expects(&self, error: &StepError) -> bool {
        match error {
            StepError::Update { index: 0, error } => self.field.expects(error),
            _ => false,
        }
    }
}

/// One step for each field; of the nodes of a branch and the keys of a committee, for the first and the last. A quarter of
/// the committee is absent, so that the step shows keys and siblings. The advice is made for the changed update: no
/// refusal hangs on it.
pub fn corrupted_steps() -> Vec<CorruptedStep> {
    let signing: Vec<usize> = (0..32).filter(|member| member % 4 != 1).collect();
    let update = Plan {
        signing: signing.clone(),
        claimed: signing,
        ..next_period()
    }
    .forge();
    let corrupted = |(index, field): (usize, Field)| {
        // Another place in each, so that no position and no bit is special.
        let at = (7 * index + 3) % field.length;
        CorruptedStep {
            name: format!("{} {index}, byte {at}", field.name),
            input: encoded(&field.changed(&update, at), |_| {}),
            field,
        }
    };
    let fields = fields(&update);
    let names: Vec<_> = fields.iter().map(|field| field.name.clone()).collect();
    let is_inner = |index: usize| {
        let name = &names[index];
        index > 0 && names[index - 1] == *name && names.get(index + 1) == Some(name)
    };
    fields
        .into_iter()
        .enumerate()
        .filter(|(index, _)| !is_inner(*index))
        .map(corrupted)
        .collect()
}
