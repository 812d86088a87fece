//! Callbacks over HTTP: a real receiver, which checks signatures with another library than the one that makes them.

mod attack_c6;
mod posted;
mod receiver;
mod world;
