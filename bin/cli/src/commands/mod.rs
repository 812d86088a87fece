//! The commands, one file each.

mod build;
mod deploy;
mod domains;
mod download;
mod get;
mod history;
mod jobs;
mod migrate;
mod prove;
mod run;
mod status;
mod verify;

pub(crate) use run::run;
