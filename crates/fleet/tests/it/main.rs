//! Who of several workers does a piece of work, and when.

mod choice;
mod failures;
mod queue;
mod stage;
