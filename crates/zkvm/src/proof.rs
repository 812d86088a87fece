//! What comes back from a zkVM.

use serde::{Deserialize, Serialize};

use crate::ProofKind;

/// A run of a circuit that ended well; proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// What the circuit committed.
    pub public_values: Vec<u8>,
    /// The cycles that it took.
    pub cycles: u64,
}

/// A proof as the zkVM made it: not yet trusted, see [`Zkvm::verify`](crate::Zkvm::verify).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The kind; never [`ProofKind::Execute`].
    pub kind: ProofKind,
    /// What the circuit committed.
    pub public_values: Vec<u8>,
    /// What verifies: the encoded proof for `core` and `compressed`, the bytes a contract takes for `groth16` and `plonk`.
    pub bytes: Vec<u8>,
}
