//! The server from outside: real connections to a free port, an engine in memory, a scripted zkVM.

mod bad_input;
mod callbacks;
mod history;
mod jobs;
mod load;
mod ownership;
mod provers;
mod routes;
mod signatures;
mod specification;
mod support;
