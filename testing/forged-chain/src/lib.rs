#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "what is forged is made of constants; a forgery that fails is a fault of the test"
)]

mod asked;
mod committee;
mod corrupted_steps;
mod field;
mod plan;
mod signature_cases;
mod state_cases;
mod step_cases;
mod trie;

pub use asked::{Asked, answer};
pub use committee::{Committee, Tree};
pub use corrupted_steps::{CorruptedStep, corrupted_steps};
pub use field::{Field, fields};
pub use plan::{PERIOD, Plan, client, config, electra, electra_512};
pub use signature_cases::{SignatureCase, false_signatures, true_signatures};
pub use state_cases::{StateCase, honest_states, refused_states};
pub use step_cases::{StepCase, honest_steps, refused_steps};
pub use trie::{NodePath, account, account_fields, hashed, list, prove};
