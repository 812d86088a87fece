//! The functions that a host calls in a controller. A controller exports any subset of them.

use core::fmt;

/// A function that a controller may export; it takes and returns nothing, and uses the imports `args` and `ret`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Export {
    /// Turns the arguments of a proof request into witnesses.
    GetWitnesses,
    /// Does what the controller's author likes; also receives finished proofs.
    Entrypoint,
    /// In a domain: checks a block, returns its number, state root and payload.
    ValidateBlock,
    /// In a domain: makes a state proof for another controller.
    GetStateProof,
}

impl Export {
    /// Every export.
    pub const ALL: [Self; 4] = [
        Self::GetWitnesses,
        Self::Entrypoint,
        Self::ValidateBlock,
        Self::GetStateProof,
    ];

    /// The name of the WebAssembly export.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GetWitnesses => "get_witnesses",
            Self::Entrypoint => "entrypoint",
            Self::ValidateBlock => "validate_block",
            Self::GetStateProof => "get_state_proof",
        }
    }
}

impl fmt::Display for Export {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
