//! The engine at its boundary: real sandbox, real stores, and a zkVM that does as it is told.

mod controllers;
mod history;
mod jobs;
mod light_client;
mod outcomes;
mod registry;
mod restarts;
mod storage;
mod witnesses;
mod world;
