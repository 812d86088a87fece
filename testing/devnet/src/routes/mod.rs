//! HTTP: the beacon API, and what moves the chain.

mod admin;
mod beacon;
mod light_client;
mod node;

pub(crate) use admin::admin;
pub(crate) use beacon::beacon;
