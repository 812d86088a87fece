//! Tests of the crate at its public boundary.

mod damage;
mod ledger;
mod model;
