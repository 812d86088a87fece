//! `CircuitLabels`: circuits as labels of metrics, of which there must not be many.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use valence_coprocessor_protocol::CircuitId;

/// Circuits with time series of their own; anybody may deploy circuits, and each series takes memory here and in whatever
/// collects them.
const CIRCUITS: usize = 64;

/// What the others are called.
const OTHER: &str = "other";

/// The circuits that have labels of their own: the first ones of which this process ran jobs.
#[derive(Debug, Default)]
pub(super) struct CircuitLabels(Mutex<BTreeSet<CircuitId>>);

impl CircuitLabels {
    /// The label of a circuit.
    pub(super) fn of(&self, circuit: CircuitId) -> String {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() < CIRCUITS {
            known.insert(circuit);
        }
        if known.contains(&circuit) {
            circuit.to_string()
        } else {
            OTHER.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use valence_coprocessor_protocol::CircuitId;

    use super::{CIRCUITS, CircuitLabels, OTHER};

    #[test]
    fn the_first_circuits_have_labels_and_the_rest_share_one() {
        let labels = CircuitLabels::default();
        let circuit = |number: usize| CircuitId::of(&number.to_be_bytes(), 0);
        for number in 0..CIRCUITS {
            assert_eq!(labels.of(circuit(number)), circuit(number).to_string());
        }
        assert_eq!(labels.of(circuit(CIRCUITS)), OTHER);
        assert_eq!(labels.of(circuit(0)), circuit(0).to_string());
    }
}
