//! The engine at its boundary: real sandbox, real stores, and a zkVM that does as it is told.

mod callbacks;
mod cluster;
mod controllers;
mod deadlines;
mod history;
mod jobs;
mod light_client;
mod outcomes;
mod proof_cache;
mod registry;
mod restarts;
mod retention;
mod storage;
mod takeover;
mod together;
mod witnesses;
mod workers;
mod world;
