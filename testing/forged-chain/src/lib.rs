#![doc = include_str!("../README.md")]
#![expect(
    clippy::missing_panics_doc,
    reason = "what is forged is made of constants; a forgery that fails is a fault of the test"
)]

mod committee;
mod plan;
mod step_cases;

pub use committee::{Committee, Tree};
pub use plan::{PERIOD, Plan, client, config, electra, electra_512};
pub use step_cases::{StepCase, honest_steps, refused_steps};
