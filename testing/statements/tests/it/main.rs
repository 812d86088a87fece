//! The statements on the host: what is recorded or made here is proven, and each thing that a circuit binds is attacked.

mod factory;
mod transfer;
mod world;
